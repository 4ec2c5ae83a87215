//! Keys and passkeys.

use std::sync::{Arc, LazyLock};

use super::super::representation::RealmRepresentation;
use super::rest::Rest;
use crate::sharing::{self, Pool};
use crate::{WebAuthnPolicies, WebAuthnPolicy};

/// What a realm says of them.
pub(super) fn read(realm: &RealmRepresentation) -> WebAuthnPolicies {
    let rest = Rest(&realm.rest);
    WebAuthnPolicies { second_factor: policy(rest, "webAuthnPolicy"), passwordless: policy(rest, "webAuthnPolicyPasswordless") }
}

fn policy(rest: Rest<'_>, prefix: &str) -> Arc<WebAuthnPolicy> {
    static POLICIES: LazyLock<Pool<WebAuthnPolicy>> = LazyLock::new(Pool::default);
    let member = |name: &str| format!("{prefix}{name}");
    let texts = |name: &str| rest.texts(&member(name)).unwrap_or_default();
    let word = |name: &str| rest.text(&member(name)).filter(|word| word != "not specified");
    let required = || match word("RequireResidentKey")?.as_str() {
        "Yes" => Some("required".to_owned()),
        "No" => Some("discouraged".to_owned()),
        _ => None,
    };
    let algorithms = rest.texts(&member("SignatureAlgorithms")).filter(|given| !given.is_empty());
    let policy = WebAuthnPolicy {
        rp_entity_name: rest.text(&member("RpEntityName")).unwrap_or_else(|| "keycloak".to_owned()),
        rp_id: word("RpId"),
        signature_algorithms: algorithms.unwrap_or_else(|| vec!["ES256".to_owned(), "RS256".to_owned()]),
        attestation_conveyance_preference: word("AttestationConveyancePreference"),
        authenticator_attachment: word("AuthenticatorAttachment"),
        resident_key: word("ResidentKey").or_else(required),
        user_verification: word("UserVerificationRequirement"),
        create_timeout: rest.whole(&member("CreateTimeout"), 0),
        avoid_same_authenticator: rest.is_on(&member("AvoidSameAuthenticatorRegister")),
        acceptable_aaguids: texts("AcceptableAaguids"),
        extra_origins: texts("ExtraOrigins"),
        passkeys_enabled: rest.is_on(&member("PasskeysEnabled")),
        mediation: word("Mediation"),
    };
    sharing::one(&POLICIES, policy)
}
