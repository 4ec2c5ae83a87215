//! Credentials of a user.

use super::super::lenient::{Text, Whole};
use super::super::place::Place;
use super::super::representation::CredentialRepresentation;
use super::{Draft, non_empty, password_policy};
use crate::{Credential, CredentialKind};

/// Whose credentials they are.
pub(super) struct Owner<'o> {
    pub(super) username: &'o str,
    pub(super) email: Option<&'o str>,
    pub(super) place: &'o dyn Fn() -> Place,
    pub(super) policy: &'o [(String, Option<String>)],
}

/// Reads `credentials`, best first.
pub(super) fn read(draft: &mut Draft<'_>, mut given: Vec<CredentialRepresentation>, owner: &Owner<'_>) -> Vec<Credential> {
    given.sort_by_key(|credential| credential.priority.map_or(0, |Whole(priority)| priority));
    let mut credentials = Vec::with_capacity(given.len());
    for (index, credential) in given.into_iter().enumerate() {
        let place = || (owner.place)().then("credentials").then(index);
        credentials.extend(one(draft, credential, owner, &place));
    }
    credentials
}

fn kind(word: &str) -> CredentialKind {
    match word {
        "" | "password" => CredentialKind::Password,
        "otp" => CredentialKind::Otp,
        "contactless-card" => CredentialKind::ContactlessCard,
        other => CredentialKind::Other(other.to_owned()),
    }
}

fn one(
    draft: &mut Draft<'_>,
    given: CredentialRepresentation,
    owner: &Owner<'_>,
    place: &dyn Fn() -> Place,
) -> Option<Credential> {
    let Text(word) = given.kind.clone().unwrap_or_default();
    let kind = kind(&word);
    let texts =
        (given.secret_data.as_ref().filter(|text| !text.0.is_empty()), given.value.as_ref().filter(|text| !text.0.is_empty()));
    match texts {
        (Some(Text(secret)), _) => {
            let data = given.credential_data.as_ref().map(|text| text.0.as_str()).unwrap_or_default();
            check_texts(draft, secret, data, &kind, place);
        }
        (None, Some(Text(value))) => match kind {
            CredentialKind::Password => refuse_against_policy(draft, value, owner, place),
            CredentialKind::ContactlessCard => {}
            CredentialKind::Otp | CredentialKind::Other(_) => {
                let help = "give it \"secretData\" and \"credentialData\", as an export has them".to_owned();
                let message = format!("a credential of type \"{word}\" has no \"value\": it is ignored");
                draft.problems.warning(place(), message, Some(help));
            }
        },
        (None, None) => {
            let help = "give it a \"value\"".to_owned();
            draft.problems.warning(
                place(),
                "this credential has neither \"value\" nor \"secretData\": it is ignored",
                Some(help),
            );
        }
    }
    credential(given)
}

/// The credential, unless it is one that nothing can be made of.
pub(crate) fn credential(given: CredentialRepresentation) -> Option<Credential> {
    let kind = kind(given.kind.as_ref().map(|text| text.0.as_str()).unwrap_or_default());
    let mut credential = match (non_empty(given.secret_data), non_empty(given.value)) {
        (Some(secret), _) => Credential {
            id: None,
            kind,
            label: None,
            created_date: None,
            secret_data: oidc_types::Secret::new(secret),
            credential_data: given.credential_data.unwrap_or_default().0,
        },
        (None, Some(value)) => match kind {
            CredentialKind::Password => Credential::plain_password(&value),
            CredentialKind::ContactlessCard => Credential::contactless_card(value.trim()),
            CredentialKind::Otp | CredentialKind::Other(_) => return None,
        },
        (None, None) => return None,
    };
    credential.id = non_empty(given.id);
    credential.label = non_empty(given.user_label);
    credential.created_date = given.created_date.map(|Whole(millis)| millis);
    Some(credential)
}

/// Both texts of a kind that is used here must be JSON objects.
fn check_texts(draft: &mut Draft<'_>, secret: &str, data: &str, kind: &CredentialKind, place: &dyn Fn() -> Place) {
    if matches!(kind, CredentialKind::Other(_) | CredentialKind::ContactlessCard) {
        return;
    }
    let is_object =
        |text: &str| text.trim_start().starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    for (name, text) in [("secretData", secret), ("credentialData", data)] {
        if !is_object(text) {
            draft.problems.error(place().then(name), format!("\"{name}\" is no JSON object in a text"), None);
        }
    }
}

/// Keycloak: a plain password against the realm's policy ends the import.
fn refuse_against_policy(draft: &mut Draft<'_>, password: &str, owner: &Owner<'_>, place: &dyn Fn() -> Place) {
    if let Some(rule) = password_policy::broken_rule(owner.policy, password, owner.username, owner.email) {
        let message = format!("the password of user \"{}\" breaks the realm's password policy: {rule}", owner.username);
        draft.problems.error(place().then("value"), message, None);
    }
}
