//! What goes in as Keycloak's export comes out as Keycloak's export; and what older versions exported is taken in as Keycloak does.

mod nothing;
mod older;
mod round_trip;
mod same;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::process::Ran;

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs the binary, which must say that all went well.
fn latchkey(folder: &Path, arguments: &[&str]) -> Ran {
    let ran = Ran::latchkey(folder, arguments);
    assert_eq!(ran.code, Some(0), "latchkey {arguments:?}: {} {}", ran.out, ran.err);
    ran
}

/// The path as an argument.
fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A realm of a store as `export --dir` writes it, users in it.
fn exported(folder: &Path, realm: &str) -> Value {
    latchkey(folder, &["export", "--data", "data", "--dir", "exported", "--realm", realm, "--users", "realm_file"]);
    json(&folder.join("exported").join(format!("{realm}-realm.json")))
}

/// Real exports of Keycloak: those of the recordings, and one with a bit of everything that a realm can have.
fn exports() -> Vec<PathBuf> {
    let recorded = ["acme", "bench", "legacy", "sbc"].map(|name| crate::harness::tests(&format!("keycloak/realms/{name}.json")));
    recorded.into_iter().chain([crate::harness::tests("fidelity/realms/rich.json")]).collect()
}
