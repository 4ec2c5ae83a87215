//! Action tokens: the links in mails (wire-browser.md section 9).

use oidc_types::{ClientId, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::issuing::REFRESH_ALGORITHM as ALGORITHM;
use crate::verify::refuse_out_of_time;
use crate::{InspectContext, MintContext, MintError, RefusedToken, TokenIssuer};

/// What a link is for: `typ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionKind {
    /// The address is the user's.
    VerifyEmail,
    /// A new address is the user's.
    UpdateEmail,
    /// The user has forgotten the password.
    ResetCredentials,
    /// An administrator wants something to be done.
    ExecuteActions,
}

impl ActionKind {
    /// The word in `typ`, and in the realm's attributes for lifespans.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::UpdateEmail => "update-email",
            Self::ResetCredentials => "reset-credentials",
            Self::ExecuteActions => "execute-actions",
        }
    }

    /// The kind of this word.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::VerifyEmail, Self::UpdateEmail, Self::ResetCredentials, Self::ExecuteActions];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What a link lets its bearer do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionToken {
    /// `jti`: spent once.
    pub id: String,
    /// `typ`
    pub kind: ActionKind,
    /// `sub`
    pub user: UserId,
    /// `azp`: whom the user came from.
    pub client: ClientId,
    /// `eml`: the address that it was sent to; the link is dead where the user has another one.
    pub email: Option<String>,
    /// `asid`: `<session>.<tab>.<client's internal id>` of the login that it belongs to.
    pub login: Option<String>,
    /// `rqac`: aliases of required actions.
    pub actions: Vec<String>,
    /// `reduri`: where it leads at last.
    pub redirect_uri: Option<String>,
    /// `exp`, seconds since the epoch.
    pub expires: i64,
    /// What the user had when it was made, such as the password's hash: the link dies with it. On the wire it is a hash (`nonce`).
    pub state: ActionState,
}

/// What a link depends on, as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionState(String);

impl ActionState {
    /// Of the link with this id, and what the user has.
    pub fn of(id: &str, has: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(id).chain_update([0]).chain_update(has).finalize();
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
    }
}

#[derive(Deserialize, Serialize)]
struct Claims {
    exp: i64,
    iat: i64,
    jti: String,
    iss: String,
    aud: String,
    sub: String,
    typ: String,
    azp: String,
    nonce: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    asid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    eml: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    rqac: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    reduri: Option<String>,
}

impl TokenIssuer {
    /// A new id of an action token.
    pub fn new_action_id(&self) -> String {
        self.entropy.uuid().to_string()
    }

    /// Signs an action token.
    ///
    /// # Errors
    /// See [`MintError`].
    pub async fn sign_action_token(&self, token: &ActionToken, cx: MintContext<'_>) -> Result<String, MintError> {
        let claims = Claims {
            exp: token.expires,
            iat: cx.now.secs(),
            jti: token.id.clone(),
            iss: cx.issuer.to_owned(),
            aud: cx.issuer.to_owned(),
            sub: token.user.as_str().to_owned(),
            typ: token.kind.as_str().to_owned(),
            azp: token.client.as_str().to_owned(),
            nonce: token.state.0.clone(),
            asid: token.login.clone(),
            eml: token.email.clone(),
            rqac: token.actions.clone(),
            reduri: token.redirect_uri.clone(),
        };
        Ok(self.keys.sign(cx.realm, ALGORITHM, "JWT", &serde_json::to_vec(&claims)?).await?)
    }

    /// Reads an action token of this realm. No other token is taken for one (CVE-2026-4282, CVE-2026-37982).
    ///
    /// # Errors
    /// See [`RefusedToken`].
    pub async fn read_action_token(&self, text: &str, cx: InspectContext<'_>) -> Result<ActionToken, RefusedToken> {
        let signed = self.refuse_forged(text, cx.realm).await?;
        if signed.algorithm != ALGORITHM {
            return Err(RefusedToken::OtherType);
        }
        let claims: Claims = serde_json::from_slice(&signed.claims).map_err(|_| RefusedToken::OtherType)?;
        let kind = ActionKind::parse(&claims.typ).ok_or(RefusedToken::OtherType)?;
        if !(cx.accepts_issuer)(&claims.iss) || !(cx.accepts_issuer)(&claims.aud) {
            return Err(RefusedToken::OtherIssuer);
        }
        refuse_out_of_time((claims.iat, Some(claims.exp)), cx.realm, cx.now)?;
        if Uuid::parse_str(&claims.nonce).is_err() {
            return Err(RefusedToken::Invalid);
        }
        Ok(ActionToken {
            id: claims.jti,
            kind,
            user: claims.sub.as_str().into(),
            client: claims.azp.as_str().into(),
            email: claims.eml,
            login: claims.asid,
            actions: claims.rqac,
            redirect_uri: claims.reduri,
            expires: claims.exp,
            state: ActionState(claims.nonce),
        })
    }
}
