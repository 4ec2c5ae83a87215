//! What a file holds, by its name, as Keycloak's export names them.

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind<'n> {
    /// A realm: `<realm>-realm.json` or any other name.
    Realm,
    /// `<realm>-users-<n>.json`
    Users {
        /// Whose users.
        realm: &'n str,
    },
    /// `<realm>-federated-users-<n>.json`
    FederatedUsers,
    /// `<anything>.schema.json`: for editors.
    Schema,
}

/// Tells by the last part of the path.
pub(crate) fn kind_of(path: &str) -> FileKind<'_> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    if name.ends_with(".schema.json") {
        return FileKind::Schema;
    }
    let numbered = name.strip_suffix(".json").and_then(|stem| stem.rsplit_once('-'));
    let Some((stem, _)) = numbered.filter(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) else {
        return FileKind::Realm;
    };
    if stem.ends_with("-federated-users") {
        return FileKind::FederatedUsers;
    }
    stem.strip_suffix("-users").map_or(FileKind::Realm, |realm| FileKind::Users { realm })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_what_a_file_holds() {
        for (name, kind) in [
            ("acme.json", FileKind::Realm),
            ("x/acme-realm.json", FileKind::Realm),
            ("x/acme-users-0.json", FileKind::Users { realm: "acme" }),
            ("my-users-12.json", FileKind::Users { realm: "my" }),
            ("my-users.json", FileKind::Realm),
            ("release-2.json", FileKind::Realm),
            ("acme-federated-users-0.json", FileKind::FederatedUsers),
            ("x/realm.schema.json", FileKind::Schema),
        ] {
            assert_eq!(kind_of(name), kind, "{name}");
        }
    }
}
