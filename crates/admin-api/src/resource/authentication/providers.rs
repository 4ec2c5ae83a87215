//! Which authenticators, forms and parts of forms there are, as consoles list them (recordings admin-authentication/{providers,
//! browser-flow-executions}).

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;
use crate::roles::Permission;

/// All requirements.
pub(super) const REQUIREMENTS: [&str; 4] = ["REQUIRED", "ALTERNATIVE", "DISABLED", "CONDITIONAL"];

const ANY: &[&str] = &["REQUIRED", "ALTERNATIVE", "DISABLED"];
const ALWAYS: &[&str] = &["REQUIRED"];
const SWITCH: &[&str] = &["REQUIRED", "DISABLED"];
const ONE_OF: &[&str] = &["ALTERNATIVE", "DISABLED"];

/// What a provider is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Authenticator,
    Client,
    Form,
    FormAction,
}

/// Something that an execution can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Provider {
    id: &'static str,
    pub(super) name: &'static str,
    kind: Kind,
    pub(super) choices: &'static [&'static str],
    pub(super) configurable: bool,
}

const fn plain(id: &'static str, name: &'static str, choices: &'static [&'static str]) -> Provider {
    Provider { id, name, kind: Kind::Authenticator, choices, configurable: false }
}

const fn with_config(id: &'static str, name: &'static str, choices: &'static [&'static str]) -> Provider {
    Provider { configurable: true, ..plain(id, name, choices) }
}

const fn of(kind: Kind, id: &'static str, name: &'static str, choices: &'static [&'static str]) -> Provider {
    Provider { kind, ..plain(id, name, choices) }
}

const PROVIDERS: &[Provider] = &[
    plain("allow-access-authenticator", "Allow access", ANY),
    plain("auth-cookie", "Cookie", ANY),
    plain("auth-otp-form", "OTP Form", ANY),
    plain("auth-password-form", "Password Form", ALWAYS),
    plain("auth-recovery-authn-code-form", "Recovery Authentication Code Form", ANY),
    plain("auth-spnego", "Kerberos", ANY),
    plain("auth-username-form", "Username Form", ALWAYS),
    plain("auth-username-password-form", "Username Password Form", ALWAYS),
    with_config("auth-x509-client-username-form", "X509/Validate Username Form", ANY),
    plain("basic-auth", "Basic Auth Challenge", ANY),
    with_config("conditional-client-scope", "Condition - client scope", SWITCH),
    with_config("conditional-credential", "Condition - credential", SWITCH),
    with_config("conditional-level-of-authentication", "Condition - Level of Authentication", SWITCH),
    with_config("conditional-sub-flow-executed", "Condition - sub-flow executed", SWITCH),
    with_config("conditional-user-attribute", "Condition - user attribute", SWITCH),
    plain("conditional-user-configured", "Condition - user configured", SWITCH),
    with_config("conditional-user-role", "Condition - user role", SWITCH),
    with_config("deny-access-authenticator", "Deny access", ANY),
    with_config("direct-grant-auth-x509-username", "X509/Validate Username", ANY),
    plain("direct-grant-validate-otp", "OTP", ANY),
    plain("direct-grant-validate-password", "Password", ANY),
    plain("direct-grant-validate-username", "Username Validation", ALWAYS),
    plain("docker-http-basic-authenticator", "Docker Authenticator", ANY),
    plain("http-basic-authenticator", "HTTP Basic Authentication", ANY),
    plain("idp-add-organization-member", "Organization Member Onboard", SWITCH),
    with_config("idp-auto-link", "Automatically set existing user", ANY),
    plain("idp-confirm-link", "Confirm link existing account", SWITCH),
    plain("idp-confirm-override-link", "Confirm override existing link", SWITCH),
    with_config("idp-create-user-if-unique", "Create User If Unique", ANY),
    plain("idp-detect-existing-broker-user", "Detect existing broker user", ANY),
    plain("idp-email-verification", "Verify existing account by Email", ANY),
    with_config("idp-review-profile", "Review Profile", SWITCH),
    plain("idp-username-password-form", "Username Password Form for identity provider reauthentication", ANY),
    with_config("identity-provider-redirector", "Identity Provider Redirector", ANY),
    with_config("organization", "Organization Identity-First Login", ANY),
    plain("reset-credential-email", "Send Reset Email", ALWAYS),
    plain("reset-credentials-choose-user", "Choose User", ALWAYS),
    with_config("reset-otp", "Reset OTP", ANY),
    plain("reset-password", "Reset Password", ANY),
    with_config("user-session-limits", "User session count limiter", SWITCH),
    plain("webauthn-authenticator", "WebAuthn Authenticator", ANY),
    plain("webauthn-authenticator-passwordless", "WebAuthn Passwordless Authenticator", ANY),
    of(Kind::Client, "client-jwt", "Signed JWT", ONE_OF),
    of(Kind::Client, "client-secret", "Client Id and Secret", ONE_OF),
    of(Kind::Client, "client-secret-jwt", "Signed JWT with Client Secret", ONE_OF),
    of(Kind::Client, "client-x509", "X509 Certificate", ONE_OF),
    of(Kind::Client, "federated-jwt", "Signed JWT - Federated", ONE_OF),
    of(Kind::Form, "registration-page-form", "Registration Page", SWITCH),
    of(Kind::FormAction, "registration-password-action", "Password Validation", SWITCH),
    of(Kind::FormAction, "registration-recaptcha-action", "reCAPTCHA", SWITCH),
    of(Kind::FormAction, "registration-recaptcha-enterprise", "reCAPTCHA Enterprise", SWITCH),
    of(Kind::FormAction, "registration-terms-and-conditions", "Terms and conditions", SWITCH),
    of(Kind::FormAction, "registration-user-creation", "Registration User Profile Creation", ALWAYS),
];

/// The provider of this id.
pub(super) fn find(id: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.id == id)
}

fn list(call: &Call, kind: Kind) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewFlows)?;
    let all = PROVIDERS.iter().filter(|provider| provider.kind == kind);
    Answer::json(&all.map(|one| json!({ "id": one.id, "displayName": one.name, "description": one.name })).collect::<Vec<_>>())
}

pub(super) async fn authenticators(call: &Call) -> Result<Answer, AdminError> {
    list(call, Kind::Authenticator)
}

pub(super) async fn client_authenticators(call: &Call) -> Result<Answer, AdminError> {
    list(call, Kind::Client)
}

pub(super) async fn forms(call: &Call) -> Result<Answer, AdminError> {
    list(call, Kind::Form)
}

pub(super) async fn form_actions(call: &Call) -> Result<Answer, AdminError> {
    list(call, Kind::FormAction)
}

/// What each client can say of its authenticator: nothing.
pub(super) async fn per_client_config(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewClients)?;
    let all = PROVIDERS.iter().filter(|provider| provider.kind == Kind::Client);
    Answer::json(&all.map(|one| (one.id.to_owned(), json!([]))).collect::<Map<String, Value>>())
}

/// What the configuration of a provider may hold.
pub(super) async fn config_description(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewFlows)?;
    let provider = find(call.param(0)).ok_or_else(|| AdminError::error(404, "Could not find authenticator provider"))?;
    let (help, properties) = match provider.id {
        "identity-provider-redirector" => (
            "Redirects to default Identity Provider or Identity Provider specified with kc_idp_hint query parameter",
            json!([{
                "name": "defaultProvider",
                "label": "Default Identity Provider",
                "helpText": "To automatically redirect to an identity provider set to the alias of the identity provider",
                "type": "String",
                "required": false,
                "readOnly": false,
                "secret": false,
            }]),
        ),
        _ => (provider.name, json!([])),
    };
    Answer::json(&json!({ "name": provider.name, "providerId": provider.id, "helpText": help, "properties": properties }))
}
