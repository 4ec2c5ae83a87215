//! Realms for the tests of this crate.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use realm_model::{
    BruteForce, BruteForceStrategy, Compat, DirectGrantOtp, KeyProvider, Lifespans, OtpAlgorithm, OtpKind, OtpPolicy, Realm,
    RefreshTokenPolicy, SecurityHeaders, SslRequired,
};

pub(crate) fn realm(name: &str, key_providers: Vec<KeyProvider>) -> Realm {
    Realm {
        id: name.into(),
        name: name.into(),
        generation: 1,
        display_name: None,
        enabled: true,
        ssl_required: SslRequired::External,
        not_before: 0,
        lifespans: lifespans(),
        refresh_tokens: RefreshTokenPolicy::Reusable,
        login_with_email: true,
        verify_email: false,
        registration_allowed: false,
        login: Default::default(),
        locales: Default::default(),
        smtp: None,
        web_authn: Default::default(),
        user_profile: Default::default(),
        flows: Default::default(),
        required_actions: Default::default(),
        brute_force: brute_force(),
        password_policy: Vec::new(),
        otp: OtpPolicy {
            kind: OtpKind::Totp,
            algorithm: OtpAlgorithm::HmacSha1,
            digits: 6,
            period: 30,
            initial_counter: 0,
            look_ahead_window: 1,
            code_reusable: false,
        },
        direct_grant_otp: DirectGrantOtp::Conditional,
        required_profile_attributes: Vec::new(),
        default_signature_algorithm: "RS256".to_owned(),
        clients: Default::default(),
        client_scopes: Default::default(),
        roles: Default::default(),
        groups: Default::default(),
        key_providers,
        identity_providers: Vec::new(),
        security_headers: no_headers(),
        frontend_url: None,
        organizations: None,
        client_policies: None,
        events: Default::default(),
        hostname_aliases: Vec::new(),
        compat: Compat::of_version(26, 7),
        attributes: Default::default(),
    }
}

fn lifespans() -> Lifespans {
    Lifespans {
        access_token: 300,
        access_token_for_implicit_flow: 900,
        sso_session_idle: 1800,
        sso_session_max: 36_000,
        sso_session_idle_remember_me: 0,
        sso_session_max_remember_me: 0,
        offline_session_idle: 2_592_000,
        offline_session_max: None,
        client_session_idle: 0,
        client_session_max: 0,
        client_offline_session_idle: 0,
        client_offline_session_max: 0,
        access_code: 60,
    }
}

fn brute_force() -> BruteForce {
    BruteForce {
        protected: false,
        permanent_lockout: false,
        max_temporary_lockouts: 0,
        strategy: BruteForceStrategy::default(),
        max_failure_wait: 900,
        minimum_quick_login_wait: 60,
        wait_increment: 60,
        quick_login_check_millis: 1000,
        max_delta_time: 43_200,
        failure_factor: 30,
        max_secondary_auth_failures: 0,
    }
}

fn no_headers() -> SecurityHeaders {
    let none = String::new;
    SecurityHeaders {
        referrer_policy: none(),
        strict_transport_security: none(),
        content_type_options: none(),
        frame_options: none(),
        robots_tag: none(),
        content_security_policy: none(),
    }
}

/// A component as an admin writes it.
pub(crate) fn provider(name: &str, provider_id: &str, config: &[(&str, &str)]) -> KeyProvider {
    let config = config.iter().map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()])).collect();
    KeyProvider { id: format!("id-of-{name}"), name: name.to_owned(), provider_id: provider_id.to_owned(), config }
}

/// The key providers of a realm that the real Keycloak exported.
pub(crate) fn exported(realm_name: &str) -> Arc<Realm> {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "../../tests/keycloak/realms", &format!("{realm_name}.json")].iter().collect();
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let components = file["components"]["org.keycloak.keys.KeyProvider"].as_array().unwrap();
    let providers = components.iter().map(|component| {
        let text = |member: &str| component[member].as_str().unwrap().to_owned();
        let config: BTreeMap<String, Vec<String>> = serde_json::from_value(component["config"].clone()).unwrap();
        KeyProvider { id: text("id"), name: text("name"), provider_id: text("providerId"), config }
    });
    Arc::new(realm(realm_name, providers.collect()))
}
