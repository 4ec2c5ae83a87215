use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use imbl::HashMap;
use oidc_types::RealmName;
use realm_model::Realm;

/// The realms that are served. A request takes one snapshot of one realm; whoever changes a realm makes the next snapshot.
#[derive(Default)]
pub struct RealmStore {
    realms: ArcSwap<HashMap<RealmName, Arc<Realm>>>,
    /// Which realm claims which path as its own token path; checked against the realm when it is used.
    token_paths: ArcSwap<HashMap<String, RealmName>>,
    /// Of the snapshot made last, of whatever realm: a realm that is made anew under an old name never repeats one.
    generation: AtomicU64,
}

/// The attribute by which a realm claims a token path of its own.
const TOKEN_PATH: &str = "latchkey.token-path";

impl RealmStore {
    /// The realm of this name, as it is now.
    pub fn realm(&self, name: &str) -> Option<Arc<Realm>> {
        self.realms.load().get(name).cloned()
    }

    /// The realm whose attribute `latchkey.token-path` is `path`.
    pub fn realm_of_token_path(&self, path: &str) -> Option<Arc<Realm>> {
        let realm = self.realm(self.token_paths.load().get(path)?.as_str())?;
        (realm.attribute(TOKEN_PATH) == Some(path)).then_some(realm)
    }

    /// The names of all realms, in order.
    pub fn realms(&self) -> impl Iterator<Item = RealmName> {
        let mut names: Vec<_> = self.realms.load().keys().cloned().collect();
        names.sort();
        names.into_iter()
    }

    /// How many realms there are.
    pub fn count(&self) -> usize {
        self.realms.load().len()
    }

    /// Serves `realm` from now on in the place of the one of its name. Its generation is one that no snapshot had before.
    pub fn set(&self, mut realm: Realm) {
        let name = realm.name.clone();
        if let Some(path) = realm.attribute(TOKEN_PATH) {
            self.token_paths.rcu(|paths| paths.update(path.to_owned(), name.clone()));
        }
        realm.generation = self.generation.fetch_add(1, Ordering::SeqCst) + 1;
        let realm = Arc::new(realm);
        self.realms.rcu(|realms| realms.update(name.clone(), Arc::clone(&realm)));
    }

    /// Serves `realm` no more.
    pub fn remove(&self, name: &str) {
        self.realms.rcu(|realms| {
            let mut realms = HashMap::clone(realms);
            realms.remove(name);
            realms
        });
    }
}

#[cfg(test)]
mod tests {
    use realm_model::file::{SourceFile, read};

    use super::*;

    fn realm(name: &str) -> Realm {
        let json = format!("{{\"realm\": \"{name}\", \"enabled\": true}}");
        let file = SourceFile { name: "realm.json".to_owned(), bytes: json.into_bytes() };
        read(&[file], &|_| None).realms.remove(0).realm
    }

    #[test]
    fn a_snapshot_stays_as_it_was_when_the_next_one_comes() {
        let store = RealmStore::default();
        store.set(realm("a"));
        let before = store.realm("a").unwrap();
        store.set(Realm { display_name: Some("new".to_owned()), ..realm("a") });
        let after = store.realm("a").unwrap();
        assert_eq!((before.generation, before.display_name.as_deref()), (1, None));
        assert_eq!((after.generation, after.display_name.as_deref()), (2, Some("new")));
    }

    #[test]
    fn a_realm_is_found_by_its_own_token_path_as_long_as_it_claims_it() {
        let store = RealmStore::default();
        let mut claiming = realm("a");
        claiming.attributes.insert(TOKEN_PATH.to_owned(), "/a/token".to_owned());
        store.set(claiming);
        store.set(realm("b"));
        assert_eq!(store.realm_of_token_path("/a/token").map(|r| r.name.to_string()).as_deref(), Some("a"));
        assert!(store.realm_of_token_path("/b/token").is_none());
        store.set(realm("a"));
        assert!(store.realm_of_token_path("/a/token").is_none());
    }

    #[test]
    fn a_removed_realm_is_not_found() {
        let store = RealmStore::default();
        store.set(realm("b"));
        store.set(realm("a"));
        assert_eq!(store.realms().map(|name| name.to_string()).collect::<Vec<_>>(), ["a", "b"]);
        store.remove("a");
        assert!(store.realm("a").is_none());
        assert_eq!(store.count(), 1);
    }
}
