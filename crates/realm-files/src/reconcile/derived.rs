//! What a client is given because of what its file says, such as web origins after its redirect URIs.

use realm_model::completion::entity;
use realm_model::document::{Body, Document, Kind};

use super::entities::Run;
use super::merge::{Merged, says_something_new};
use super::same::same_or_absent;
use crate::plan::{MemberChange, is_secret};

impl Run<'_> {
    /// Members that the file does not say go along with those it changes, where nobody changed them at run time.
    pub(super) fn derive(&self, document: &Document, (base, live): (&Body, &Body), merged: &mut Merged) {
        if document.key.kind != Kind::Client || !says_something_new(base, &document.body) {
            return;
        }
        let given =
            |body: &Body| entity(Document { body: body.clone(), ..document.clone() }, &self.live.documents, self.minting).body;
        let (was, now) = (given(base), given(&document.body));
        for name in was.keys().chain(now.keys()) {
            let path = std::slice::from_ref(name);
            // Its scopes follow its service account.
            let said = document.body.contains_key(name) || base.contains_key(name) || name == "defaultClientScopes";
            let (before, after) = (was.get(name), now.get(name));
            if said || is_secret(path) || same_or_absent(name, before, after) || !same_or_absent(name, before, live.get(name)) {
                continue;
            }
            merged.drift.retain(|drift| drift.path.first() != Some(name));
            if merged.body.as_ref().unwrap_or(live).get(name) == after {
                continue;
            }
            let body = merged.body.get_or_insert_with(|| live.clone());
            merged.changes.push(MemberChange::new(path, live.get(name), after));
            match after {
                Some(value) => body.insert(name.clone(), value.clone()),
                None => body.shift_remove(name),
            };
        }
    }
}
