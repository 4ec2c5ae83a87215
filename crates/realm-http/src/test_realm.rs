//! A small realm for the tests of this crate.

use realm_model::{
    BruteForce, BruteForceStrategy, Compat, DirectGrantOtp, Lifespans, OtpPolicy, Realm, RefreshTokenPolicy, SslRequired,
};

use crate::default_headers;

pub(crate) fn realm(name: &str) -> Realm {
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
        registration_allowed: false,
        brute_force: brute_force(),
        password_policy: Vec::new(),
        otp: OtpPolicy { look_ahead_window: 1, code_reusable: false },
        direct_grant_otp: DirectGrantOtp::Conditional,
        required_profile_attributes: Vec::new(),
        default_signature_algorithm: "RS256".to_owned(),
        clients: Default::default(),
        client_scopes: Default::default(),
        roles: Default::default(),
        groups: Default::default(),
        key_providers: Vec::new(),
        security_headers: default_headers(),
        frontend_url: None,
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
