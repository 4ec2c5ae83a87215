use std::collections::{HashMap, VecDeque};

use realm_model::{Group, Realm, RoleKey, User};

use super::{Entity, Holder, Inquiry};
use crate::evaluate::ancestry;

impl Inquiry<'_> {
    pub(crate) fn user(&self) -> Holder {
        Holder::User(self.subject.user().username.clone())
    }

    /// How the user comes by `role`: user, the groups from the user's own one upwards, the roles from the one that is given down
    /// to this one. Empty where the user does not have it.
    pub(crate) fn trail(&self, role: &RoleKey) -> Vec<Entity> {
        let user = self.subject.user();
        let Some((groups, given)) = given(self.realm, user, role) else { return Vec::new() };
        let groups = groups.into_iter().map(|group| Holder::Group(group.path.clone()));
        let roles = chain(self.realm, given, role).into_iter().map(Holder::Role);
        std::iter::once(self.user()).chain(groups).chain(roles).map(Entity::from).collect()
    }
}

/// The role that is given and is or contains `role`, with the groups on the way to it: given directly, else by the first group.
fn given<'a>(realm: &'a Realm, user: &'a User, role: &RoleKey) -> Option<(Vec<&'a Group>, &'a RoleKey)> {
    let contains = |key: &&RoleKey| realm.roles.get(*key).is_some_and(|given| given.closure.contains(role));
    if let Some(key) = user.roles.iter().find(contains) {
        return Some((Vec::new(), key));
    }
    user.groups.iter().filter_map(|path| realm.groups.get(path)).find_map(|own| {
        let mut way = Vec::new();
        ancestry(realm, own).find_map(|group| {
            way.push(group);
            group.roles.iter().find(contains).map(|key| (way.clone(), key))
        })
    })
}

/// The shortest way through composites from `from` to `to`, both included.
fn chain(realm: &Realm, from: &RoleKey, to: &RoleKey) -> Vec<RoleKey> {
    let mut above: HashMap<RoleKey, Option<RoleKey>> = HashMap::from([(from.clone(), None)]);
    let mut next = VecDeque::from([from.clone()]);
    while let Some(key) = next.pop_front().filter(|key| key != to) {
        for inner in realm.roles.get(&key).into_iter().flat_map(|role| &role.composites) {
            if !above.contains_key(inner) {
                above.insert(inner.clone(), Some(key.clone()));
                next.push_back(inner.clone());
            }
        }
    }
    let mut way: Vec<_> = std::iter::successors(Some(to.clone()), |key| above.get(key).cloned().flatten()).collect();
    way.reverse();
    way
}
