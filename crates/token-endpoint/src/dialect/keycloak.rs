//! Keycloak's own form of requests and errors (wire.md section 1.1). Its success form is [`token_issuer::Minted`] as it is.

use oidc_types::{GrantType, Params};

use crate::endpoint::Grant;
use crate::error::RequestError;
use crate::grant::authorization_code::AuthorizationCode;
use crate::grant::ciba::Ciba;
use crate::grant::client_credentials::ClientCredentials;
use crate::grant::device_code::DeviceCode;
use crate::grant::jwt_authorization::JwtAuthorization;
use crate::grant::password::Password;
use crate::grant::refresh_token::RefreshToken;
use crate::grant::token_exchange::{LEGACY, TokenExchange};

/// Characters of a `refresh_token` parameter at the most.
const LONGEST_REFRESH_TOKEN: usize = 4000;

/// The grant a form asks for.
pub(crate) fn grant(form: &Params) -> Result<Grant<'_>, RequestError> {
    match form.get("grant_type") {
        None => Err(RequestError::GrantTypeMissing),
        Some("password") => Ok(Grant::Password(Password {
            username: form.get("username"),
            password: form.get("password"),
            // Keycloak: `otp` goes before the older `totp` (wire.md section 1.6).
            otp: form.get("otp").or_else(|| form.get("totp")),
            scope: form.get("scope"),
        })),
        Some("refresh_token") => {
            // Keycloak: a longer one counts as absent (measured on 26.7.4).
            let token = form.get("refresh_token").filter(|token| token.encode_utf16().count() <= LONGEST_REFRESH_TOKEN);
            Ok(Grant::RefreshToken(RefreshToken { refresh_token: token, scope: form.get("scope") }))
        }
        Some("authorization_code") => Ok(Grant::AuthorizationCode(AuthorizationCode {
            code: form.get("code"),
            redirect_uri: form.get("redirect_uri"),
            code_verifier: form.get("code_verifier"),
        })),
        Some("client_credentials") => Ok(Grant::ClientCredentials(ClientCredentials { scope: form.get("scope") })),
        Some(word) if word == GrantType::TokenExchange.as_str() => Ok(Grant::TokenExchange(token_exchange(form))),
        Some(word) if word == GrantType::JwtBearer.as_str() => {
            Ok(Grant::JwtAuthorization(JwtAuthorization { assertion: form.get("assertion"), scope: form.get("scope") }))
        }
        Some(name) if name == GrantType::DeviceCode.as_str() => {
            Ok(Grant::DeviceCode(DeviceCode { device_code: form.get("device_code"), code_verifier: form.get("code_verifier") }))
        }
        Some(name) if name == GrantType::Ciba.as_str() => Ok(Grant::Ciba(Ciba { auth_req_id: form.get("auth_req_id") })),
        Some(_) => Err(RequestError::GrantTypeUnknown),
    }
}

fn token_exchange(form: &Params) -> TokenExchange<'_> {
    TokenExchange {
        subject_token: form.get("subject_token"),
        subject_token_type: form.get("subject_token_type"),
        requested_token_type: form.get("requested_token_type"),
        audience: form.get_all("audience").collect(),
        scope: form.get("scope"),
        legacy: LEGACY.into_iter().find(|name| form.get(name).is_some()),
    }
}
