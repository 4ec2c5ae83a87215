use std::sync::Arc;

/// What keys and passkeys a realm takes (`webAuthnPolicy…`, `webAuthnPolicyPasswordless…`). Equal ones are there once in a process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebAuthnPolicies {
    /// Keys beside a password.
    pub second_factor: Arc<WebAuthnPolicy>,
    /// Keys instead of a password.
    pub passwordless: Arc<WebAuthnPolicy>,
}

/// What is asked of a key. `not specified` is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct WebAuthnPolicy {
    /// `RpEntityName`
    pub rp_entity_name: String,
    /// `RpId`; `None`: the host that the browser sees.
    pub rp_id: Option<String>,
    /// `SignatureAlgorithms`, such as `ES256`; the first is liked best.
    pub signature_algorithms: Vec<String>,
    /// `AttestationConveyancePreference`: `none`, `indirect`, `direct`.
    pub attestation_conveyance_preference: Option<String>,
    /// `AuthenticatorAttachment`: `platform`, `cross-platform`.
    pub authenticator_attachment: Option<String>,
    /// `ResidentKey`: `required`, `preferred`, `discouraged`; where it says nothing, `RequireResidentKey` (`Yes` is `required`,
    /// `No` is `discouraged`).
    pub resident_key: Option<String>,
    /// `UserVerificationRequirement`: `required`, `preferred`, `discouraged`.
    pub user_verification: Option<String>,
    /// `CreateTimeout`, seconds; 0: the browser's own.
    pub create_timeout: i64,
    /// `AvoidSameAuthenticatorRegister`
    pub avoid_same_authenticator: bool,
    /// `AcceptableAaguids`; empty: all.
    pub acceptable_aaguids: Vec<String>,
    /// `ExtraOrigins`
    pub extra_origins: Vec<String>,
    /// `PasskeysEnabled`: the login page offers passkeys by itself. Only of the passwordless policy.
    pub passkeys_enabled: bool,
    /// `Mediation`: how the browser offers them, such as `conditional`. Only of the passwordless policy.
    pub mediation: Option<String>,
}
