//! Who calls.

use client_policies::{Updater, UpdaterSource};
use realm_editing::clients::{MASTER, REALM_MANAGEMENT};
use realm_http::RealmContext;
use realm_model::document::{Document, REGISTRATION_TOKEN};
use realm_model::{Client, Realm, RoleKey, RoleSet};
use token_issuer::{
    Fallen, InspectContext, InspectedToken, Purpose, RefusedToken, RegistrationAuth, RegistrationToken, StandingContext,
    carried_roles,
};

use crate::ClientRegistration;
use crate::error::RegistrationError;

const NOT_DECODED: &str = "Failed decode token";
const NO_VIEW: &str = "Not authorized to view client. Not valid token or client credentials provided.";
const NO_UPDATE: &str = "Not authorized to update client. Maybe missing token or bad token type.";
/// Clients whose tokens do not carry the roles of their users.
const ADMIN_CLIENTS: [&str; 2] = ["admin-cli", "security-admin-console"];

/// Whoever sent the request. Says nothing yet of what it may.
pub(crate) enum Caller {
    /// Without a bearer token.
    Anonymous,
    /// With an initial access token.
    Initial {
        /// Its id.
        id: String,
    },
    /// With the registration access token of some client.
    Registered {
        /// Its id.
        id: String,
        /// Who registered that client.
        auth: RegistrationAuth,
    },
    /// A user or service account.
    Bearer(Rights),
}

/// What a user or service account may.
pub(crate) struct Rights {
    create: bool,
    view: bool,
    manage: bool,
    /// The roles of the user.
    roles: RoleSet,
    /// The names of the groups of the user.
    groups: Vec<String>,
    /// `webOrigins` of the client the token was issued to.
    pub(crate) web_origins: Vec<String>,
}

impl Caller {
    /// Finds out who is behind the `Authorization` header.
    ///
    /// # Errors
    /// 401 for a bearer token that is not good.
    pub(crate) async fn of(
        parts: &ClientRegistration,
        request: &RealmContext,
        authorization: Option<&str>,
    ) -> Result<Self, RegistrationError> {
        let Some(text) = authorization.and_then(bearer_token) else { return Ok(Self::Anonymous) };
        let accepts_issuer = |issuer: &str| request.accepts_issuer(issuer);
        let cx = InspectContext { realm: &request.realm, accepts_issuer: &accepts_issuer, now: request.now };
        match parts.token_issuer.read_registration_token(text, cx).await.map_err(refused)? {
            RegistrationToken::Initial { id } => Ok(Self::Initial { id }),
            RegistrationToken::Registration { id, auth } => Ok(Self::Registered { id, auth }),
            RegistrationToken::Access => {
                let token = parts.token_issuer.inspect(text, cx, Purpose::Use).await.map_err(refused)?;
                Ok(Self::Bearer(rights(parts, request, &token).await?))
            }
        }
    }

    /// By what right, for the client policies of the realm.
    pub(crate) fn updater(&self) -> Updater {
        let mut updater = Updater::by(match self {
            Self::Anonymous => UpdaterSource::Anonymous,
            Self::Initial { .. } => UpdaterSource::InitialAccessToken,
            Self::Registered { .. } => UpdaterSource::RegistrationAccessToken,
            Self::Bearer(_) => UpdaterSource::AuthenticatedUser,
        });
        if let Self::Bearer(rights) = self {
            updater.roles.clone_from(&rights.roles);
            updater.groups.clone_from(&rights.groups);
        }
        updater
    }

    /// Whether a new client is judged by the policies for anonymous callers or by the others.
    ///
    /// # Errors
    /// 403 for a user without a role for it.
    pub(crate) fn may_create(&self) -> Result<RegistrationAuth, RegistrationError> {
        match self {
            Self::Anonymous | Self::Registered { .. } => Ok(RegistrationAuth::Anonymous),
            Self::Initial { .. } => Ok(RegistrationAuth::Authenticated),
            Self::Bearer(rights) if rights.create || rights.manage => Ok(RegistrationAuth::Authenticated),
            Self::Bearer(_) => Err(RegistrationError::Forbidden),
        }
    }

    /// The client, where the caller may see it; and by which policies that is judged.
    ///
    /// # Errors
    /// 401, 403, 404: in Keycloak's order, so that only who may see all clients learns which there are.
    pub(crate) fn may_view<'d>(
        &self,
        client: Option<&'d Document>,
    ) -> Result<(&'d Document, RegistrationAuth), RegistrationError> {
        match self {
            Self::Bearer(rights) if rights.view || rights.manage => all(client),
            _ => self.own(client, NO_VIEW),
        }
    }

    /// The same, where the caller may change or remove it.
    ///
    /// # Errors
    /// Likewise.
    pub(crate) fn may_update<'d>(
        &self,
        client: Option<&'d Document>,
    ) -> Result<(&'d Document, RegistrationAuth), RegistrationError> {
        match self {
            Self::Bearer(rights) if rights.manage => all(client),
            _ => self.own(client, NO_UPDATE),
        }
    }

    fn own<'d>(
        &self,
        client: Option<&'d Document>,
        refusal: &'static str,
    ) -> Result<(&'d Document, RegistrationAuth), RegistrationError> {
        match self {
            Self::Bearer(_) => Err(RegistrationError::Forbidden),
            Self::Initial { .. } => Err(RegistrationError::Token("Not initial access token allowed")),
            Self::Anonymous => Err(RegistrationError::Token(refusal)),
            // A client that was switched off has no say any more: it would switch itself on again (CVE-2026-9705).
            Self::Registered { id, auth } => match client.filter(|client| is_enabled(client) && registration(client) == Some(id))
            {
                Some(client) => Ok((client, *auth)),
                None => Err(RegistrationError::Token(refusal)),
            },
        }
    }
}

fn all(client: Option<&Document>) -> Result<(&Document, RegistrationAuth), RegistrationError> {
    client.map(|client| (client, RegistrationAuth::Authenticated)).ok_or(RegistrationError::UnknownClient)
}

fn is_enabled(client: &Document) -> bool {
    client.body.get("enabled").and_then(serde_json::Value::as_bool) != Some(false)
}

fn registration(client: &Document) -> Option<&str> {
    realm_editing::body::text(&client.body, REGISTRATION_TOKEN)
}

/// Exactly two words, the scheme in any case; anything else is no token at all (recording dynamic-registration/refused-callers).
fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty() && !token.contains(' ')).then_some(token)
}

fn refused(error: RefusedToken) -> RegistrationError {
    log::info!("token of client registration refused: {error}");
    match error {
        RefusedToken::Keys(error) => RegistrationError::Unavailable(error.to_string()),
        RefusedToken::OtherType => RegistrationError::Token("Invalid type of token"),
        _ => RegistrationError::Token(NOT_DECODED),
    }
}

async fn rights(parts: &ClientRegistration, request: &RealmContext, token: &InspectedToken) -> Result<Rights, RegistrationError> {
    let fallen = |fact: Fallen| match fact {
        Fallen::Unavailable(error) => RegistrationError::Unavailable(error.to_string()),
        other => {
            log::info!("token of client registration refused: {other}");
            RegistrationError::Token(NOT_DECODED)
        }
    };
    let users = parts.live.users();
    let ground = StandingContext { realm: &request.realm, sessions: &parts.sessions, users: &*users, now: request.now };
    let standing = ground.of_access_token(token).await.map_err(fallen)?;
    let client = ground.client_of(token).map_err(fallen)?;
    let roles = carried_roles(&request.realm, client, standing.subject.user());
    let has = |role: &str| has_role((&request.realm, client), (&roles, token), role);
    let web_origins = client.web_origins.clone();
    let (create, view, manage) = (has("create-client"), has("view-clients"), has("manage-clients"));
    let groups = standing.subject.user().groups.iter().filter_map(|path| request.realm.groups.get(path));
    let groups = groups.map(|group| group.name.clone()).collect();
    Ok(Rights { create, view, manage, roles, groups, web_origins })
}

/// The role must be held now, and be in the token, too: one that was asked for with less scope may less.
fn has_role((realm, client): (&Realm, &Client), (roles, token): (&RoleSet, &InspectedToken), role: &str) -> bool {
    let of = if realm.name.as_str() == MASTER { "master-realm" } else { REALM_MANAGEMENT };
    let in_token = ADMIN_CLIENTS.contains(&client.client_id.as_str()) || token.carries_client_role(&of.into(), role);
    in_token && roles.contains(&RoleKey::client(of, role))
}
