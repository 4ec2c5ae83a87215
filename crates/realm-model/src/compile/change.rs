//! What a change of a few documents costs: as little as it can.

use std::sync::Arc;

use super::Compiled;
use super::documents::{READ_COMPONENTS, Reading};
use crate::document::{Documents, Key, Kind};
use crate::file::{build, problem::Problems};
use crate::placeholder::Placeholders;
use crate::{ClientScope, Realm};

/// The snapshot after the documents of `changed` were changed, made or taken away, where `realm` is the one before.
///
/// What a single client or client scope says of itself costs O(log n), what no snapshot shows nothing; anything else the whole
/// realm. The realm is the same as [`super::realm`] makes; the problems are those of what was compiled anew.
pub fn change(realm: &Realm, documents: &Documents, changed: &[Key], placeholders: &dyn Placeholders) -> Compiled {
    let mut next = Change {
        realm: Realm { generation: 0, ..realm.clone() },
        reading: Reading::new(documents, placeholders),
        found: Problems::default(),
    };
    if changed.iter().all(|key| next.take(key).is_some()) {
        Compiled { realm: next.realm, problems: next.reading.problems(&next.found) }
    } else {
        super::realm(documents, placeholders)
    }
}

struct Change<'d> {
    realm: Realm,
    reading: Reading<'d>,
    found: Problems,
}

impl Change<'_> {
    /// Takes the document over as it is now; `None` where more than itself depends on it.
    fn take(&mut self, key: &Key) -> Option<()> {
        match key.kind {
            Kind::Client => self.client(key),
            Kind::ClientScope => self.client_scope(key),
            Kind::Component => (!READ_COMPONENTS.contains(&key.owner.as_str())).then_some(()),
            Kind::IdentityProviderMapper => Some(()),
            Kind::Realm
            | Kind::RealmRole
            | Kind::ClientRole
            | Kind::Group
            | Kind::ScopeMapping
            | Kind::ClientScopeMapping
            | Kind::Flow
            | Kind::AuthenticatorConfig
            | Kind::IdentityProvider
            | Kind::Organization
            | Kind::RequiredAction => None,
        }
    }

    fn client(&mut self, key: &Key) -> Option<()> {
        let before = self.realm.client(&key.name).cloned();
        let documents = self.reading.documents();
        let Some(view) = documents.view(key) else {
            self.realm.clients.remove(key.name.as_str());
            return (!is_referred_to(documents, &key.name)).then_some(());
        };
        let given = self.reading.client(view)?;
        let mut client = build::stored_client(&self.realm, given, &mut self.found)?;
        match before {
            Some(before) => client.scope_mappings.clone_from(&before.scope_mappings),
            None if is_referred_to(documents, &key.name) => return None,
            None => {}
        }
        self.realm.clients.insert(client.client_id.clone(), Arc::new(client));
        Some(())
    }

    fn client_scope(&mut self, key: &Key) -> Option<()> {
        let before = Arc::clone(self.realm.client_scopes.get(key.name.as_str())?);
        let scope = self.reading.scope(key)?;
        if scope.protocol != before.protocol {
            return None; // clients of the one protocol have it no more, those of the other have it now
        }
        let scope = ClientScope { role_scope_mappings: before.role_scope_mappings.clone(), ..(*scope).clone() };
        self.realm.client_scopes.insert(Arc::clone(&before.name), build::scopes::shared(scope));
        Some(())
    }
}

/// Whether some document speaks of the roles of a client, or of roles in its scope.
fn is_referred_to(documents: &Documents, client: &str) -> bool {
    let has_roles = documents.of_kind(Kind::ClientRole).any(|role| role.document.key.owner == client);
    let of_client = |key: &Key| key.owner == client || key.name.strip_prefix("client:") == Some(client);
    has_roles
        || documents.get(&Key::owned(Kind::ScopeMapping, "client", client)).is_some()
        || documents.of_kind(Kind::ClientScopeMapping).any(|mapping| of_client(&mapping.document.key))
}
