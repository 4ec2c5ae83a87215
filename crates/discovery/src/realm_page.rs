use realm_model::Realm;
use serde::Serialize;

/// `GET /realms/{realm}`, in Keycloak's order (wire.md section 7.10).
#[derive(Serialize)]
pub(crate) struct RealmPage<'a> {
    realm: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<&'a str>,
    #[serde(rename = "token-service")]
    token_service: String,
    #[serde(rename = "account-service")]
    account_service: String,
    #[serde(rename = "tokens-not-before")]
    tokens_not_before: i64,
}

impl<'a> RealmPage<'a> {
    /// `public_key`: base64 of the DER `SubjectPublicKeyInfo` of the key that signs by default.
    pub(crate) fn of(realm: &'a Realm, issuer: &str, public_key: Option<&'a str>) -> Self {
        Self {
            realm: realm.name.as_str(),
            public_key,
            token_service: format!("{issuer}/protocol/openid-connect"),
            account_service: format!("{issuer}/account"),
            tokens_not_before: realm.not_before,
        }
    }
}
