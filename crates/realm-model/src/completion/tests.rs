//! Each case was imported into Keycloak 26.7.4 and compared, member by member, with what its export then said.

use std::collections::BTreeSet;

use ambient::{SeededEntropy, Timestamp};
use serde_json::{Value, json};

use super::*;
use crate::document::{Body, Documents, Kind, join, split};
use crate::template::overlay;

mod agreement;
mod clients;
mod entities;
mod realms;
mod users;

fn with_minting<T>(origin: Origin, make: impl FnOnce(&Minting<'_>) -> T) -> T {
    let entropy = SeededEntropy::new(7);
    make(&Minting { now: Timestamp::from_secs(1_800_000_000), entropy: &entropy, origin })
}

fn made(representation: Value) -> MadeRealm {
    let split = split(representation.as_object().unwrap().clone(), &str::to_owned);
    with_minting(Origin::Import, |minting| new_realm(split, minting))
}

/// What is in force then.
fn in_force(made: &MadeRealm) -> Documents {
    let rows = made.documents.iter().cloned().map(|document| (document.key, document.id, 1, Some(document.body)));
    let removed = made.removed.iter().cloned().map(|key| (key, String::new(), 1, None));
    overlay((&made.realm_id, &made.name), made.template, rows.chain(removed), 1)
}

fn imported(representation: Value) -> Documents {
    in_force(&made(representation))
}

fn body<'d>(documents: &'d Documents, key: &Key) -> &'d Body {
    &documents.get(key).unwrap_or_else(|| panic!("no {key}")).document.body
}

fn client<'d>(documents: &'d Documents, client_id: &str) -> &'d Body {
    body(documents, &Key::of(Kind::Client, client_id))
}

fn names(documents: &Documents, kind: Kind) -> BTreeSet<String> {
    documents.of_kind(kind).map(|entry| entry.document.key.name.clone()).collect()
}

fn set<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

fn composites(documents: &Documents, role: &str) -> BTreeSet<String> {
    let role = body(documents, &Key::of(Kind::RealmRole, role));
    roles::contained_in(role)
        .iter()
        .map(|key| if key.owner.is_empty() { key.name.clone() } else { format!("{}/{}", key.owner, key.name) })
        .collect()
}
