//! The settings of a realm, with Keycloak's defaults (wire.md sections 4.1 and 8.1).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use oidc_types::RealmName;

use super::super::defaults;
use super::super::ids::stable_id;
use super::super::lenient::{Flag, Text, Whole};
use super::super::problem::did_you_mean;
use super::super::representation::{IdentityProviderRepresentation, RealmRepresentation};
use super::rest::Rest;
use super::{Draft, event_settings, flow, login_settings, non_empty, password_policy, profile, required_actions, web_authn};
use crate::{
    BruteForce, BruteForceStrategy, Compat, DeclaredPolicies, DirectGrantOtp, EventSettings, Flows, IdentityProvider,
    KeyProvider, Lifespans, Locales, LoginSettings, OtpAlgorithm, OtpKind, OtpPolicy, Realm, RefreshTokenPolicy, RequiredActions,
    SecurityHeaders, SmtpServer, SslRequired, Texts, UserProfileConfig, WebAuthnPolicies,
};

/// What a realm says of itself, without its clients, scopes, roles and groups.
pub(super) struct Settings {
    id: String,
    display_name: Option<String>,
    enabled: bool,
    ssl_required: SslRequired,
    not_before: i64,
    lifespans: Lifespans,
    refresh_tokens: RefreshTokenPolicy,
    login_with_email: bool,
    verify_email: bool,
    pub(super) duplicate_emails: bool,
    registration_allowed: bool,
    login: Arc<LoginSettings>,
    locales: Arc<Locales>,
    smtp: Option<Arc<SmtpServer>>,
    web_authn: WebAuthnPolicies,
    user_profile: Arc<UserProfileConfig>,
    flows: Flows,
    required_actions: RequiredActions,
    brute_force: BruteForce,
    pub(super) password_policy: Vec<(String, Option<String>)>,
    otp: OtpPolicy,
    direct_grant_otp: DirectGrantOtp,
    required_profile_attributes: Vec<String>,
    default_signature_algorithm: String,
    key_providers: Vec<KeyProvider>,
    identity_providers: Vec<Arc<IdentityProvider>>,
    security_headers: SecurityHeaders,
    hostname_aliases: Vec<String>,
    compat: Compat,
    events: EventSettings,
    attributes: Texts,
    client_policies: Option<Arc<DeclaredPolicies>>,
}

fn on(flag: Option<Flag>, default: bool) -> bool {
    flag.map_or(default, |Flag(on)| on)
}

fn whole(number: Option<Whole>, default: i64) -> i64 {
    number.map_or(default, |Whole(number)| number)
}

fn count(number: Option<Whole>, default: u32) -> u32 {
    number.map_or(default, |Whole(number)| u32::try_from(number.max(0)).unwrap_or(u32::MAX))
}

fn otp_policy(realm: &RealmRepresentation, attributes: &BTreeMap<String, String>) -> OtpPolicy {
    let rest = Rest(&realm.rest);
    let word = |name: &str| rest.text(name).unwrap_or_default();
    OtpPolicy {
        kind: if word("otpPolicyType") == "hotp" { OtpKind::Hotp } else { OtpKind::Totp },
        algorithm: match word("otpPolicyAlgorithm").as_str() {
            "HmacSHA256" => OtpAlgorithm::HmacSha256,
            "HmacSHA512" => OtpAlgorithm::HmacSha512,
            _ => OtpAlgorithm::HmacSha1,
        },
        digits: if rest.whole("otpPolicyDigits", 6) == 8 { 8 } else { 6 },
        period: rest.whole("otpPolicyPeriod", 30).max(1),
        initial_counter: u32::try_from(rest.whole("otpPolicyInitialCounter", 0).max(0)).unwrap_or_default(),
        look_ahead_window: count(realm.otp_policy_look_ahead_window, 1),
        // Keycloak: the attribute alone decides, whatever `otpPolicyCodeReusable` says (seen on import).
        code_reusable: attributes.get("realmReusableOtpCode").is_some_and(|value| value == "true"),
    }
}

/// Reads them; what is wrong is reported.
pub(super) fn read(draft: &mut Draft<'_>, realm: &RealmRepresentation) -> Settings {
    let mut attributes: BTreeMap<String, String> =
        defaults::REALM_ATTRIBUTES.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    attributes.extend(realm.attributes.0.iter().map(|(name, value)| (name.clone(), value.clone())));
    let flows = flow::read(draft, realm);
    let user_profile = profile::read(draft, realm);
    let required_actions = required_actions::read(draft, realm);
    Settings {
        id: non_empty(realm.id.clone()).unwrap_or_else(|| stable_id(draft.name.as_str(), "realm", draft.name.as_str())),
        display_name: non_empty(realm.display_name.clone()),
        enabled: on(realm.enabled, false),
        ssl_required: ssl_required(draft, realm),
        not_before: whole(realm.not_before, 0),
        lifespans: lifespans(realm, draft.name.as_str()),
        refresh_tokens: if on(realm.revoke_refresh_token, false) {
            RefreshTokenPolicy::Rotating { max_reuse: count(realm.refresh_token_max_reuse, 0) }
        } else {
            RefreshTokenPolicy::Reusable
        },
        login_with_email: on(realm.login_with_email_allowed, true),
        verify_email: on(realm.verify_email, false) && required_actions.has_enabled("VERIFY_EMAIL"),
        duplicate_emails: on(realm.duplicate_emails_allowed, false),
        registration_allowed: on(realm.registration_allowed, false),
        login: login_settings::read(realm),
        locales: login_settings::locales(realm),
        smtp: SmtpServer::of(&Rest(&realm.rest).text_map("smtpServer").0).map(Arc::new),
        web_authn: web_authn::read(realm),
        brute_force: brute_force(draft, realm),
        password_policy: password_policy::read(draft, realm),
        otp: otp_policy(realm, &attributes),
        direct_grant_otp: flow::direct_grant_otp(&flows),
        required_profile_attributes: profile::required_attributes(&user_profile, &required_actions),
        user_profile,
        flows,
        required_actions,
        default_signature_algorithm: non_empty(realm.default_signature_algorithm.clone()).unwrap_or_else(|| "RS256".to_owned()),
        key_providers: key_providers(realm, draft.name.as_str()),
        identity_providers: realm.identity_providers.iter().filter_map(identity_provider).collect(),
        security_headers: security_headers(realm),
        hostname_aliases: hostname_aliases(draft, &attributes),
        compat: compat(draft, &attributes),
        events: event_settings::read(draft, realm, &attributes),
        attributes: attributes.into(),
        client_policies: DeclaredPolicies::of(realm.rest.get("clientProfiles"), realm.rest.get("clientPolicies")),
    }
}

fn ssl_required(draft: &mut Draft<'_>, realm: &RealmRepresentation) -> SslRequired {
    let Some(Text(word)) = &realm.ssl_required else { return SslRequired::External };
    match word.to_lowercase().as_str() {
        "none" => SslRequired::None,
        "external" | "" => SslRequired::External,
        "all" => SslRequired::All,
        _ => {
            let help = did_you_mean(word, ["none", "external", "all"]);
            let message = format!("\"{word}\" is no value of sslRequired; expected none, external or all");
            draft.problems.error(draft.place.then("sslRequired"), message, help);
            SslRequired::All
        }
    }
}

/// Keycloak: a value of these that is not above zero means the built-in default (wire.md section 4.2).
fn positive(number: Option<Whole>, default: i64) -> i64 {
    Some(whole(number, default)).filter(|number| *number > 0).unwrap_or(default)
}

fn lifespans(realm: &RealmRepresentation, name: &str) -> Lifespans {
    let offline_max = positive(realm.offline_session_max_lifespan, 5_184_000);
    Lifespans {
        access_token: whole(realm.access_token_lifespan, if name == "master" { 60 } else { 300 }),
        access_token_for_implicit_flow: whole(realm.access_token_lifespan_for_implicit_flow, 900),
        sso_session_idle: positive(realm.sso_session_idle_timeout, 1800),
        sso_session_max: positive(realm.sso_session_max_lifespan, 36_000),
        sso_session_idle_remember_me: whole(realm.sso_session_idle_timeout_remember_me, 0),
        sso_session_max_remember_me: whole(realm.sso_session_max_lifespan_remember_me, 0),
        offline_session_idle: positive(realm.offline_session_idle_timeout, 2_592_000),
        offline_session_max: on(realm.offline_session_max_lifespan_enabled, false).then_some(offline_max),
        client_session_idle: whole(realm.client_session_idle_timeout, 0),
        client_session_max: whole(realm.client_session_max_lifespan, 0),
        client_offline_session_idle: whole(realm.client_offline_session_idle_timeout, 0),
        client_offline_session_max: whole(realm.client_offline_session_max_lifespan, 0),
        access_code: whole(realm.access_code_lifespan, 60),
    }
}

fn brute_force(draft: &mut Draft<'_>, realm: &RealmRepresentation) -> BruteForce {
    let strategy = match realm.brute_force_strategy.as_ref().map(|Text(word)| word.as_str()) {
        None | Some("MULTIPLE") => BruteForceStrategy::Multiple,
        Some("LINEAR") => BruteForceStrategy::Linear,
        Some(other) => {
            let help = did_you_mean(other, ["MULTIPLE", "LINEAR"]);
            let message = format!("\"{other}\" is no value of bruteForceStrategy; expected MULTIPLE or LINEAR");
            draft.problems.error(draft.place.then("bruteForceStrategy"), message, help);
            BruteForceStrategy::Multiple
        }
    };
    BruteForce {
        protected: on(realm.brute_force_protected, false),
        permanent_lockout: on(realm.permanent_lockout, false),
        max_temporary_lockouts: count(realm.max_temporary_lockouts, 0),
        strategy,
        max_failure_wait: whole(realm.max_failure_wait_seconds, 900),
        minimum_quick_login_wait: whole(realm.minimum_quick_login_wait_seconds, 60),
        wait_increment: whole(realm.wait_increment_seconds, 60),
        quick_login_check_millis: whole(realm.quick_login_check_milli_seconds, 1000),
        max_delta_time: whole(realm.max_delta_time_seconds, 43_200),
        failure_factor: count(realm.failure_factor, 30),
        max_secondary_auth_failures: count(realm.max_secondary_auth_failures, 0),
    }
}

fn key_providers(realm: &RealmRepresentation, name: &str) -> Vec<KeyProvider> {
    let components = realm.components.get("org.keycloak.keys.KeyProvider").map(Vec::as_slice).unwrap_or_default();
    let read = |component: &super::super::representation::ComponentRepresentation| {
        let provider_id = non_empty(component.provider_id.clone())?;
        let own_name = non_empty(component.name.clone()).unwrap_or_else(|| provider_id.clone());
        Some(KeyProvider {
            id: non_empty(component.id.clone()).unwrap_or_else(|| stable_id(name, "key-provider", &own_name)),
            name: own_name,
            provider_id,
            config: component.config.0.clone(),
        })
    };
    components.iter().filter_map(read).collect()
}

fn identity_provider(given: &IdentityProviderRepresentation) -> Option<Arc<IdentityProvider>> {
    Some(Arc::new(IdentityProvider {
        alias: non_empty(given.alias.clone())?.into(),
        provider_id: non_empty(given.provider_id.clone())?,
        display_name: non_empty(given.display_name.clone()),
        // Keycloak: one without `enabled` is on.
        enabled: on(given.enabled, true),
        // Before Keycloak 26 it stood in `config`.
        hide_on_login: on(given.hide_on_login, given.config.0.get("hideOnLoginPage").is_some_and(|hide| hide == "true")),
        link_only: on(given.link_only, false),
        config: given.config.0.clone().into(),
    }))
}

fn security_headers(realm: &RealmRepresentation) -> SecurityHeaders {
    let defaults: HashMap<_, _> = defaults::SECURITY_HEADERS.iter().copied().collect();
    let value = |name: &str| {
        let given = realm.browser_security_headers.0.get(name).map(String::as_str);
        given.or_else(|| defaults.get(name).copied()).unwrap_or_default().to_owned()
    };
    SecurityHeaders {
        referrer_policy: value("referrerPolicy"),
        strict_transport_security: value("strictTransportSecurity"),
        content_type_options: value("xContentTypeOptions"),
        frame_options: value("xFrameOptions"),
        robots_tag: value("xRobotsTag"),
        content_security_policy: value("contentSecurityPolicy"),
    }
}

/// Realm attributes of this server.
const OURS: &[&str] = &[
    "latchkey.compat",
    "latchkey.hostname-aliases",
    "latchkey.dialect",
    "latchkey.token-path",
    "latchkey.cruise",
    "latchkey.webhooks",
];

fn compat(draft: &mut Draft<'_>, attributes: &BTreeMap<String, String>) -> Compat {
    for name in attributes.keys().filter(|name| name.starts_with("latchkey.") && !OURS.contains(&name.as_str())) {
        let help = did_you_mean(name, OURS.iter().copied());
        let place = draft.place.then("attributes").then(name);
        draft.problems.warning(place, format!("there is no realm attribute \"{name}\": it has no effect"), help);
    }
    let Some(text) = attributes.get("latchkey.compat").filter(|text| !text.is_empty()) else { return Compat::NEWEST };
    Compat::parse(text.trim()).unwrap_or_else(|| {
        let place = draft.place.then("attributes").then("latchkey.compat");
        let message = format!("\"{text}\" is no version of Keycloak; expected one such as 26.7");
        draft.problems.error(place, message, None);
        Compat::NEWEST
    })
}

fn hostname_aliases(draft: &mut Draft<'_>, attributes: &BTreeMap<String, String>) -> Vec<String> {
    const NAME: &str = "latchkey.hostname-aliases";
    let words = attributes.get(NAME).map(String::as_str).unwrap_or_default();
    let separators = |c: char| c.is_whitespace() || c == ',' || c == '#';
    let mut aliases = Vec::new();
    for word in words.split(separators).filter(|word| !word.is_empty()) {
        if word.starts_with("https://") || word.starts_with("http://") {
            aliases.push(word.trim_end_matches('/').to_owned());
        } else {
            let place = draft.place.then("attributes").then(NAME);
            draft.problems.error(
                place,
                format!("\"{word}\" is no base URL; expected one such as https://idp.example/auth"),
                None,
            );
        }
    }
    aliases
}

impl Settings {
    /// The realm, still without clients, scopes, roles and groups.
    pub(super) fn into_realm(self, name: RealmName) -> Realm {
        let frontend_url = self.attributes.get("frontendUrl").map(|url: &str| url.trim_end_matches('/').to_owned());
        Realm {
            id: self.id.into(),
            name,
            generation: 0,
            display_name: self.display_name,
            enabled: self.enabled,
            ssl_required: self.ssl_required,
            not_before: self.not_before,
            lifespans: self.lifespans,
            refresh_tokens: self.refresh_tokens,
            login_with_email: self.login_with_email,
            verify_email: self.verify_email,
            registration_allowed: self.registration_allowed,
            login: self.login,
            locales: self.locales,
            smtp: self.smtp,
            web_authn: self.web_authn,
            user_profile: self.user_profile,
            flows: self.flows,
            required_actions: self.required_actions,
            brute_force: self.brute_force,
            password_policy: self.password_policy,
            otp: self.otp,
            direct_grant_otp: self.direct_grant_otp,
            required_profile_attributes: self.required_profile_attributes,
            default_signature_algorithm: self.default_signature_algorithm,
            clients: Default::default(),
            client_scopes: Default::default(),
            roles: Default::default(),
            groups: Default::default(),
            key_providers: self.key_providers,
            identity_providers: self.identity_providers,
            organizations: None,
            security_headers: self.security_headers,
            frontend_url: frontend_url.filter(|url| !url.is_empty()),
            hostname_aliases: self.hostname_aliases,
            compat: self.compat,
            events: self.events,
            attributes: self.attributes,
            client_policies: self.client_policies,
        }
    }
}
