//! `POST …/logout` with a refresh token: a client ends the session of its user (wire.md section 7.4).

use client_auth::{ClientAuthError, Reason};
use client_policies::PolicyError;
use events::EventType;
use realm_http::RealmContext;
use realm_model::Client;
use sender_constraint::{
    BindingError, ProofError, ProofRequest, endpoint_uris, refuse_other_certificate, refuse_other_key, verify_proof,
};
use sessions::{SessionKind, StoreError};
use thiserror::Error;
use token_issuer::{InspectContext, InspectedToken, KeyError, Purpose, RefusedToken, TokenType};

use crate::LoginFlow;

/// The path below the realm.
pub(crate) const ENDPOINT: &str = "protocol/openid-connect/logout";

/// Why a logout was refused.
#[derive(Debug, Error)]
pub(crate) enum LogoutError {
    /// Who is calling.
    #[error("client authentication: {0}")]
    Client(#[from] ClientAuthError),
    /// A client policy of the realm.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// Not a token of this realm.
    #[error("the token: {0}")]
    Token(RefusedToken),
    /// Not a refresh token.
    #[error("not a refresh token")]
    OtherType,
    /// `azp` is another client.
    #[error("issued to another client")]
    OtherClient,
    /// `cnf` is a key or certificate that the client does not show.
    #[error(transparent)]
    Bound(#[from] BindingError),
    /// Older than the session with its id.
    #[error("issued before the session started")]
    BeforeSession,
    /// Keys cannot be reached.
    #[error(transparent)]
    Keys(KeyError),
    /// Sessions cannot be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl LogoutError {
    /// For the record.
    pub(crate) const fn reason(&self) -> Reason<'_> {
        match self {
            Self::Client(error) => Reason::Client(error),
            Self::Policy(error) => Reason::Other(Some(error.code.as_str())),
            Self::Token(_) | Self::OtherType | Self::OtherClient | Self::Bound(_) | Self::BeforeSession => {
                Reason::Other(Some("invalid_token"))
            }
            Self::Keys(_) | Self::Store(_) => Reason::Other(None),
        }
    }
}

impl LoginFlow {
    /// Ends the session of a refresh token of `client`, and tells whatever takes part in it; a session that has ended already is
    /// as good.
    pub(crate) async fn log_out(
        &self,
        request: &RealmContext,
        client: &Client,
        (token, proof): (&str, Option<&str>),
    ) -> Result<(), LogoutError> {
        let token = self.read(request, token).await?;
        let kind = refuse_other_type(&token)?;
        refuse_token_of_another_client(&token, client)?;
        refuse_other_certificate(client, token.bound_to.certificate.as_deref(), request.certificate.as_ref())?;
        self.refuse_unproven(request, &token, proof).await?;
        let Some(id) = &token.session else { return Ok(()) };
        let realm = &request.realm.name;
        let Some(session) = self.sessions.find(realm, kind, id, request.now).await? else { return Ok(()) };
        if token.issued < session.started.secs() {
            return Err(LogoutError::BeforeSession);
        }
        let ended = self.sessions.remove(realm, kind, id).await?;
        self.events.at(&request.realm, request.now, request.arrival.peer).success(EventType::Logout, |event| {
            event
                .client(client.client_id.as_str())
                .user(session.user.as_str())
                .session(Some(id.as_str()))
                .detail("client_auth_method", client.authenticator.as_str())
        });
        if ended {
            self.notifications.sessions_ended(request, &[session.value]).await;
        }
        Ok(())
    }

    /// A token that is bound to a key ends nothing without it. Keycloak: never, it does not look at proofs here (measured on
    /// 26.7.4); and a proof at fault, or of another key, is as good as none.
    async fn refuse_unproven(
        &self,
        request: &RealmContext,
        token: &InspectedToken,
        proof: Option<&str>,
    ) -> Result<(), LogoutError> {
        let Some(jkt) = token.bound_to.jkt.as_deref() else { return Ok(()) };
        let shown = ProofRequest {
            proof,
            method: "POST",
            uris: &endpoint_uris(request, ENDPOINT),
            access_token: None,
            realm: &request.realm.name,
            now: request.now,
        };
        let proof = match verify_proof(&self.sessions, shown).await {
            Ok(proof) => proof,
            Err(ProofError::Store(error)) => return Err(error.into()),
            Err(fault) => {
                log::debug!("logout: realm={} client={}: {fault}", request.realm.name, token.client_id);
                return Err(BindingError::ProofMissing.into());
            }
        };
        Ok(refuse_other_key(Some(jkt), Some(&proof)).map_err(|_| BindingError::ProofMissing)?)
    }

    async fn read(&self, request: &RealmContext, token: &str) -> Result<InspectedToken, LogoutError> {
        let accepts_issuer = |issuer: &str| request.accepts_issuer(issuer);
        let cx = InspectContext { realm: &request.realm, accepts_issuer: &accepts_issuer, now: request.now };
        self.token_issuer.inspect(token, cx, Purpose::Logout).await.map_err(|error| match error {
            RefusedToken::Keys(error) => LogoutError::Keys(error),
            other => LogoutError::Token(other),
        })
    }
}

fn refuse_other_type(token: &InspectedToken) -> Result<SessionKind, LogoutError> {
    match token.token_type {
        TokenType::Refresh => Ok(SessionKind::Online),
        TokenType::Offline => Ok(SessionKind::Offline),
        TokenType::Bearer | TokenType::Dpop | TokenType::Id | TokenType::Other => Err(LogoutError::OtherType),
    }
}

fn refuse_token_of_another_client(token: &InspectedToken, client: &Client) -> Result<(), LogoutError> {
    if token.client_id == client.client_id { Ok(()) } else { Err(LogoutError::OtherClient) }
}

#[cfg(test)]
mod tests;
