use std::sync::Arc;

use arc_swap::ArcSwap;
use imbl::HashMap;
use oidc_types::RealmName;
use realm_model::Realm;

/// The realms that are served. A request takes one snapshot of one realm; whoever changes a realm makes the next snapshot.
#[derive(Default)]
pub struct RealmStore {
    realms: ArcSwap<HashMap<RealmName, Arc<Realm>>>,
}

impl RealmStore {
    /// The realm of this name, as it is now.
    pub fn realm(&self, name: &str) -> Option<Arc<Realm>> {
        self.realms.load().get(name).cloned()
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

    /// Serves `realm` from now on in the place of the one of its name. Its generation becomes one more than that one's.
    pub fn set(&self, mut realm: Realm) {
        let name = realm.name.clone();
        self.realms.rcu(|realms| {
            realm.generation = realms.get(&name).map_or(1, |before| before.generation + 1);
            realms.update(name.clone(), Arc::new(realm.clone()))
        });
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
