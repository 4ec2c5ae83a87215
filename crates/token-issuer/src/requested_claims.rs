//! The `claims` parameter (OpenID Connect Core section 5.5), as far as mappers honour it.

use std::borrow::Cow;

use serde_json::Value;

use crate::claims::{ClaimValue, Claims};
use crate::evaluate::{Facts, full_name, own_attribute};

/// Claims that `oidc-claims-param-token-mapper` can make, with the property or attribute of the user that each is read from.
const FROM_ATTRIBUTES: [(&str, &str); 14] = [
    ("given_name", "firstName"),
    ("family_name", "lastName"),
    ("middle_name", "middleName"),
    ("nickname", "nickname"),
    ("preferred_username", "username"),
    ("profile", "profile"),
    ("picture", "picture"),
    ("website", "website"),
    ("email", "email"),
    ("gender", "gender"),
    ("birthdate", "birthdate"),
    ("zoneinfo", "zoneinfo"),
    ("locale", "locale"),
    ("phone_number", "phoneNumber"),
];

/// The standard claims that were asked for; of what the user has not there is nothing.
pub(crate) fn standard_claims<'a>(facts: &Facts<'a>, claims: &mut Claims<'a>) {
    let Some(requested) = facts.requested else { return };
    let first = |name: &str| own_attribute(facts.user, name).into_iter().next();
    if let Some(name) = full_name(facts.user).filter(|_| requested.contains_key("name")) {
        claims.set("name", name);
    }
    for (claim, attribute) in FROM_ATTRIBUTES.into_iter().filter(|(claim, _)| requested.contains_key(*claim)) {
        if let Some(value) = first(attribute) {
            claims.set(claim, ClaimValue::Text(value));
        }
    }
    if requested.contains_key("email_verified") {
        claims.set("email_verified", ClaimValue::Flag(facts.user.email_verified));
    }
    if let Some(verified) = first("phoneNumberVerified").filter(|_| requested.contains_key("phone_number_verified")) {
        claims.set("phone_number_verified", ClaimValue::Flag(verified.eq_ignore_ascii_case("true")));
    }
}

/// The `value` that was asked for of a claim.
pub(crate) fn requested_value<'a>(claim: &str, facts: &Facts<'a>) -> Option<ClaimValue<'a>> {
    let value: &'a Value = facts.requested?.get(claim)?.get("value")?;
    Some(ClaimValue::Json(Cow::Borrowed(value)))
}
