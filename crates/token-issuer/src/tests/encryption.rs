//! What clients want encrypted, as Keycloak 26.7.4 does it, measured.

use std::sync::Arc;

use ambient::{SeededEntropy, Timestamp};
use async_trait::async_trait;
use key_rotation::{Algorithm, PublicKeySet};
use oidc_types::RealmName;
use realm_model::file::{SourceFile, read};
use realm_model::{Client, Realm, User};
use serde_json::{Value, json};

use super::mappers::Unsigned;
use crate::*;

/// A key of RFC 7517 appendix A.1, for whatever algorithm is asked for but one.
struct OneKey;

#[async_trait]
impl ClientKeySets for OneKey {
    async fn for_encryption(
        &self,
        (_, client): (&RealmName, &Arc<Client>),
        algorithm: Algorithm,
        _: Timestamp,
    ) -> Result<Arc<PublicKeySet>, KeyError> {
        let key = json!({
            "kty": "EC", "crv": "P-256", "use": "enc", "kid": "1", "alg": algorithm.as_str(),
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
        });
        if algorithm == Algorithm::RsaOaep {
            return Err(KeyError::NoRecipient(client.client_id.clone(), "no such key".to_owned()));
        }
        Ok(Arc::new(PublicKeySet::parse(json!({ "keys": [key] }).to_string().as_bytes()).unwrap()))
    }
}

fn realm(attributes: &Value) -> (Arc<Realm>, Arc<User>) {
    let file = json!({
        "realm": "e", "enabled": true,
        "clients": [{ "clientId": "c", "publicClient": true, "attributes": attributes }],
        "users": [{ "username": "u", "enabled": true }]
    });
    let file = SourceFile { name: "e.json".to_owned(), bytes: file.to_string().into_bytes() };
    let loaded = read(&[file], &|_| None).realms.remove(0);
    (Arc::new(loaded.realm), Arc::new(loaded.users.into_iter().next().unwrap()))
}

/// The ID token of a client with these attributes.
async fn id_token(attributes: Value) -> Result<String, MintError> {
    let (realm, user) = realm(&attributes);
    let client = Arc::clone(realm.client("c").unwrap());
    let subject = Subject::new(&realm, user);
    let scope = ScopeRequest::parse(&client, Some("openid")).unwrap().grant(&realm, &client, &subject);
    let now = Timestamp::from_secs(1_800_000_000);
    let session = SessionFacts {
        kind: SessionKind::Online,
        id: "sid".into(),
        started: now,
        ends: None,
        remember_me: false,
        notes: SessionNotes::default(),
        acr: "1".into(),
    };
    let issue = Issue::new(subject, client, scope, session, GrantKind::Password);
    let issuer = TokenIssuer::new(Arc::new(Unsigned), Arc::new(SeededEntropy::new(1))).with_client_keys(Arc::new(OneKey));
    let minted = issuer.mint(&issue, MintContext { realm: &realm, issuer: "i", now }).await?;
    Ok(minted.id_token.unwrap())
}

fn header(token: &str) -> Value {
    let header = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice(&header).unwrap()
}

#[tokio::test]
async fn an_id_token_is_encrypted_where_the_client_names_an_algorithm() {
    const ALG: &str = "id.token.encrypted.response.alg";
    const ENC: &str = "id.token.encrypted.response.enc";
    let token = id_token(json!({ ALG: "ECDH-ES", ENC: "A256GCM" })).await.unwrap();
    let told = header(&token);
    assert_eq!(
        (&told["alg"], &told["enc"], &told["cty"], &told["kid"]),
        (&json!("ECDH-ES"), &json!("A256GCM"), &json!("JWT"), &json!("1"))
    );
    let token = id_token(json!({ ALG: "ECDH-ES+A128KW" })).await.unwrap();
    assert_eq!(header(&token)["enc"], "A128CBC-HS256");
    let plain = id_token(json!({ ENC: "A256GCM" })).await.unwrap();
    assert!(plain.starts_with('{'), "{plain}");
    for (alg, enc) in [("RSA-OAEP", "A256GCM"), ("XX", "A256GCM"), ("ECDH-ES", "XX"), ("RS256", "A256GCM")] {
        let refused = id_token(json!({ ALG: alg, ENC: enc })).await;
        assert!(matches!(refused, Err(MintError::Key(KeyError::NoRecipient(..)))), "{alg} {enc}: {refused:?}");
    }
}
