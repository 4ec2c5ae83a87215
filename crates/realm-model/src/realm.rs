use std::sync::Arc;

use oidc_types::RealmName;

use crate::{
    BruteForce, Client, ClientScope, Clients, Compat, DeclaredPolicies, EventSettings, Flows, Group, GroupPath, IdentityProvider,
    KeyProvider, Lifespans, Locales, LoginSettings, Organizations, OtpPolicy, RequiredActions, Role, RoleKey, RoleSet,
    SmtpServer, Texts, User, UserProfileConfig, WebAuthnPolicies,
};

/// Entities by key: copying the map is O(1), changing one entity O(log n).
pub type EntityMap<K, V> = imbl::HashMap<K, Arc<V>>;

/// `sslRequired`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SslRequired {
    /// `none`
    None,
    /// `external`: plain http from loopback and private addresses only.
    #[default]
    External,
    /// `all`
    All,
}

/// Refresh token rotation (`revokeRefreshToken`, `refreshTokenMaxReuse`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokenPolicy {
    /// Every refresh token stays usable until it expires.
    Reusable,
    /// A refresh token may be used `max_reuse` times more than once; using an older one ends the client session.
    Rotating {
        /// `refreshTokenMaxReuse`
        max_reuse: u32,
    },
}

/// What the direct grant flow asks for beside the password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DirectGrantOtp {
    /// No one-time code.
    Disabled,
    /// A one-time code from users who have set one up (Keycloak's built-in flow).
    #[default]
    Conditional,
    /// A one-time code from everybody.
    Required,
}

/// `browserSecurityHeaders`, ready to send; an empty value sends no header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityHeaders {
    /// `Referrer-Policy`
    pub referrer_policy: String,
    /// `Strict-Transport-Security`
    pub strict_transport_security: String,
    /// `X-Content-Type-Options`
    pub content_type_options: String,
    /// `X-Frame-Options`
    pub frame_options: String,
    /// `X-Robots-Tag`
    pub robots_tag: String,
    /// `Content-Security-Policy`
    pub content_security_policy: String,
}

/// One realm: an immutable snapshot. Its users are elsewhere (realm-store).
#[derive(Clone, Debug)]
pub struct Realm {
    /// `id`
    pub id: Arc<str>,
    /// `realm`
    pub name: RealmName,
    /// Which loading of the files made this snapshot: rises with every change, so that what is derived can be cached by it.
    pub generation: u64,
    /// `displayName`
    pub display_name: Option<String>,
    /// `enabled`
    pub enabled: bool,
    /// `sslRequired`
    pub ssl_required: SslRequired,
    /// `notBefore`, seconds since the epoch.
    pub not_before: i64,
    /// Lifespans of tokens and sessions.
    pub lifespans: Lifespans,
    /// Refresh token rotation.
    pub refresh_tokens: RefreshTokenPolicy,
    /// `loginWithEmailAllowed`
    pub login_with_email: bool,
    /// `verifyEmail`
    pub verify_email: bool,
    /// `registrationAllowed`
    pub registration_allowed: bool,
    /// What is said of logins in a browser.
    pub login: Arc<LoginSettings>,
    /// Languages of pages and mails.
    pub locales: Arc<Locales>,
    /// How mail is sent; `None`: not at all.
    pub smtp: Option<Arc<SmtpServer>>,
    /// Keys and passkeys.
    pub web_authn: WebAuthnPolicies,
    /// Which attributes users have, and who sees and changes them.
    pub user_profile: Arc<UserProfileConfig>,
    /// Authentication flows.
    pub flows: Flows,
    /// Required actions.
    pub required_actions: RequiredActions,
    /// Brute-force protection.
    pub brute_force: BruteForce,
    /// `passwordPolicy`: policy id and its value, in the file's order.
    pub password_policy: Vec<(String, Option<String>)>,
    /// One-time codes.
    pub otp: OtpPolicy,
    /// What the direct grant flow asks for.
    pub direct_grant_otp: DirectGrantOtp,
    /// Attributes of the user profile that a user must have (`required` for role `user`): `email`, `firstName`, `lastName` by default.
    pub required_profile_attributes: Vec<String>,
    /// `defaultSignatureAlgorithm`
    pub default_signature_algorithm: String,
    /// Clients by `client_id`.
    pub clients: Clients,
    /// Client scopes by name.
    pub client_scopes: EntityMap<Arc<str>, ClientScope>,
    /// Roles.
    pub roles: EntityMap<RoleKey, Role>,
    /// Groups by path.
    pub groups: EntityMap<GroupPath, Group>,
    /// Key providers, in the file's order.
    pub key_providers: Vec<KeyProvider>,
    /// Identity providers.
    pub identity_providers: Vec<Arc<IdentityProvider>>,
    /// `organizations`; none where `organizationsEnabled` is off.
    pub organizations: Option<Arc<Organizations>>,
    /// `browserSecurityHeaders`
    pub security_headers: SecurityHeaders,
    /// Attribute `frontendUrl`, without a trailing slash.
    pub frontend_url: Option<String>,
    /// Attribute `latchkey.hostname-aliases` (words): base URLs under which this realm is the same issuer.
    pub hostname_aliases: Vec<String>,
    /// Attribute `latchkey.compat`.
    pub compat: Compat,
    /// Which events are kept, and who is told of them.
    pub events: EventSettings,
    /// `attributes`
    pub attributes: Texts,
    /// `clientProfiles` and `clientPolicies`; `None` where no policy is there.
    pub client_policies: Option<Arc<DeclaredPolicies>>,
}

impl Realm {
    /// The client with this `client_id`.
    pub fn client(&self, client_id: &str) -> Option<&Arc<Client>> {
        self.clients.get(client_id)
    }

    /// An attribute; an empty one counts as absent.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).filter(|v| !v.is_empty())
    }

    /// All roles of `user`: given directly, by group and parent groups, and all they contain.
    pub fn roles_of(&self, user: &User) -> RoleSet {
        let mut all = RoleSet::new();
        self.expand_into(&user.roles, &mut all);
        for path in &user.groups {
            let mut next = self.groups.get(path);
            while let Some(group) = next {
                self.expand_into(&group.roles, &mut all);
                next = group.parent.as_ref().and_then(|p| self.groups.get(p));
            }
        }
        all
    }

    /// `roles` and all they contain.
    pub fn expand<'a>(&self, roles: impl IntoIterator<Item = &'a RoleKey>) -> RoleSet {
        let mut all = RoleSet::new();
        self.expand_into(roles, &mut all);
        all
    }

    fn expand_into<'a>(&self, roles: impl IntoIterator<Item = &'a RoleKey>, all: &mut RoleSet) {
        for role in roles.into_iter().filter_map(|key| self.roles.get(key)) {
            all.extend(role.closure.iter().cloned());
        }
    }
}
