mod keys;

use std::sync::Arc;

use oidc_types::OAuthError;
use serde_json::{Value, json};

use self::keys::{TestKey, encoded};
use super::*;
use crate::{BindingError, refuse_other_key};

const NOW: i64 = 1_700_000_000;
const URI: &str = "https://id.example/realms/r/protocol/openid-connect/token";

/// A good proof, of which a test changes one thing.
struct Sent {
    key: TestKey,
    header: Value,
    claims: Value,
}

impl Sent {
    fn good() -> Self {
        let key = TestKey::new();
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk() });
        Self { key, header, claims: json!({ "jti": "one", "htm": "POST", "htu": URI, "iat": NOW }) }
    }

    fn with_header(mut self, name: &str, value: Value) -> Self {
        self.header[name] = value;
        self
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.claims[name] = value;
        self
    }

    fn text(&self) -> String {
        self.key.sign(&self.header, &self.claims)
    }
}

fn sessions() -> Sessions {
    Sessions::new(Arc::new(sessions::Memory::new()))
}

async fn judge_at(sessions: &Sessions, proof: &str, now: i64) -> Result<DpopProof, ProofError> {
    let (realm, uris) = (RealmName::from("r"), [URI.to_owned()]);
    let now = Timestamp::from_secs(now);
    let request = ProofRequest { proof: Some(proof), method: "POST", uris: &uris, access_token: None, realm: &realm, now };
    verify_proof(sessions, request).await
}

/// What a client is told of it; nothing where it is good.
async fn told(proof: &str) -> String {
    match judge_at(&sessions(), proof, NOW).await {
        Ok(_) => String::new(),
        Err(error) => {
            let wire = OAuthError::from(&error);
            assert_eq!((wire.status, wire.code.as_str()), (400, "invalid_request"), "{error}");
            wire.description.into_owned()
        }
    }
}

#[tokio::test]
async fn a_good_proof_gives_the_thumbprint_of_its_key() {
    let sent = Sent::good();
    let proof = judge_at(&sessions(), &sent.text(), NOW).await.unwrap();
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, sent.key.jwk()["x"], sent.key.jwk()["y"]);
    use sha2::Digest as _;
    assert_eq!(proof.thumbprint(), encoded(sha2::Sha256::digest(canonical)));
}

#[tokio::test]
async fn each_fault_of_the_header_has_its_recorded_text() {
    for (name, value, text) in [
        ("typ", Value::Null, "Invalid or missing type in DPoP header: null"),
        ("typ", json!("JWT"), "Invalid or missing type in DPoP header: JWT"),
        ("typ", json!("DPoP+JWT"), "Invalid or missing type in DPoP header: DPoP+JWT"),
        ("alg", json!("none"), "Unsupported DPoP algorithm: none"),
        ("alg", json!("HS256"), "Unsupported DPoP algorithm: HS256"),
        ("alg", json!("XX1"), "DPoP header verification failure"),
        ("alg", json!("RSA-OAEP"), "DPoP header verification failure"),
        ("alg", Value::Null, "No alg in DPoP header"),
        ("crit", json!(["b64"]), "DPoP header verification failure"),
        ("alg", json!("RS256"), "Key with algorithm RS256 and type EC is incorrect for provider algorithm RS256"),
        ("alg", json!("ES384"), "DPoP verification failure: org.keycloak.common.VerificationException: Signing failed"),
        ("jwk", Value::Null, "No JWK in DPoP header"),
        ("jwk", json!({}), "Unsupported key type in DPoP header"),
        ("jwk", json!({ "kty": "oct", "k": "AA" }), "Unsupported key type in DPoP header"),
        ("jwk", json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }), "DPoP header verification failure"),
    ] {
        assert_eq!(told(&Sent::good().with_header(name, value.clone()).text()).await, text, "{name} {value}");
    }
}

#[tokio::test]
async fn each_fault_of_the_claims_has_its_recorded_text() {
    let missing = "DPoP mandatory claims are missing";
    for (name, value, text) in [
        ("jti", Value::Null, missing),
        ("jti", json!(""), missing),
        ("htm", json!(""), missing),
        ("htu", Value::Null, missing),
        ("iat", Value::Null, missing),
        ("iat", json!("soon"), "DPoP header verification failure"),
        ("htu", json!("::"), "Malformed HTTP URL in DPoP proof"),
        ("htu", json!("https://id.example/realms/other/protocol/openid-connect/token"), "DPoP HTTP URL mismatch"),
        ("htm", json!("GET"), "DPoP HTTP method mismatch"),
        ("htm", json!("post"), "DPoP HTTP method mismatch"),
        ("iat", json!(NOW - 25), "DPoP proof is not active"),
        ("iat", json!(NOW + 16), "DPoP proof is not active"),
        ("iat", json!(i64::MAX), "DPoP proof is not active"),
        ("iat", json!(NOW - 24), ""),
        ("iat", json!(NOW + 15), ""),
        ("htu", json!("https://id.example:443/realms/r/protocol/openid-connect/token?x#y"), ""),
        ("exp", json!(NOW - 5), ""),
        ("iat", json!(NOW.to_string()), ""),
        ("iat", json!(1.5), "DPoP proof is not active"),
        ("iat", json!([NOW]), "DPoP header verification failure"),
        ("jti", json!(77), ""),
    ] {
        assert_eq!(told(&Sent::good().with(name, value.clone()).text()).await, text, "{name} {value}");
    }
}

#[tokio::test]
async fn what_is_no_signed_token_has_its_recorded_text() {
    let good = Sent::good().text();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let tampered = format!("{input}.{}", encoded([1; 64]));
    let long = format!("{}.{signature}", "x".repeat(200_000));
    for (proof, text) in [
        ("", "DPoP proof is missing"),
        (" ", "DPoP proof is missing"),
        ("garbage", "DPoP header verification failure"),
        ("e30.e30", "Invalid or missing type in DPoP header: null"),
        (&format!("{good},{good}"), "DPoP header verification failure"),
        (&long, "DPoP header verification failure"),
        (input, "DPoP verification failure: org.keycloak.common.VerificationException: Signing failed"),
        (&tampered, "DPoP verification failure: org.keycloak.exceptions.TokenSignatureInvalidException: Invalid token signature"),
    ] {
        assert_eq!(told(proof).await, text, "{:.40}", proof);
    }
}

#[tokio::test]
async fn refuses_a_key_that_is_shown_with_its_private_part() {
    let mut sent = Sent::good();
    sent.header["jwk"]["d"] = json!("AA");
    assert_eq!(told(&sent.text()).await, "Private key material must not be present in DPoP JWK");
}

#[tokio::test]
async fn refuses_a_proof_that_was_used_before_for_as_long_as_it_could_be_used() {
    let (sessions, sent) = (sessions(), Sent::good());
    judge_at(&sessions, &sent.text(), NOW - 15).await.unwrap();
    for later in [NOW - 15, NOW + 24] {
        assert!(matches!(judge_at(&sessions, &sent.text(), later).await, Err(ProofError::Used)));
    }
    let other_key = Sent::good();
    assert!(matches!(judge_at(&sessions, &other_key.text(), NOW).await, Err(ProofError::Used)), "whatever the key");
    assert!(judge_at(&sessions, &other_key.with("jti", json!("two")).text(), NOW).await.is_ok());
}

#[tokio::test]
async fn a_wrong_type_is_told_back_without_what_could_harm() {
    let typ = format!("a\"\\\u{1}\u{e4}<{}", "x".repeat(100));
    let text = told(&Sent::good().with_header("typ", json!(typ)).text()).await;
    assert_eq!(text, format!("Invalid or missing type in DPoP header: a<{}", "x".repeat(62)));
}

#[tokio::test]
async fn the_access_token_beside_a_proof_must_be_the_one_it_names() {
    use sha2::Digest as _;
    let ath = encoded(sha2::Sha256::digest("token"));
    for (claim, fine) in [(json!(ath), true), (json!("AAAA"), false), (Value::Null, false)] {
        let (realm, uris, proof) = (RealmName::from("r"), [URI.to_owned()], Sent::good().with("ath", claim.clone()).text());
        let request = ProofRequest {
            proof: Some(&proof),
            method: "POST",
            uris: &uris,
            access_token: Some("token"),
            realm: &realm,
            now: Timestamp::from_secs(NOW),
        };
        assert_eq!(verify_proof(&sessions(), request).await.is_ok(), fine, "{claim}");
    }
}

#[test]
fn a_bound_token_needs_a_proof_of_its_key() {
    let proof = DpopProof { thumbprint: "a".to_owned() };
    assert_eq!(refuse_other_key(None, None), Ok(()));
    assert_eq!(refuse_other_key(None, Some(&proof)), Ok(()));
    assert_eq!(refuse_other_key(Some("a"), Some(&proof)), Ok(()));
    assert_eq!(refuse_other_key(Some("b"), Some(&proof)), Err(BindingError::OtherKey));
    assert_eq!(refuse_other_key(Some("a"), None), Err(BindingError::ProofMissing));
}
