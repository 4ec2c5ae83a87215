//! What contains itself.

use std::collections::{HashMap, HashSet};

use super::finding::{At, Findings};
use super::rules;
use super::view::{Object, View, named, object, object_lists, objects, texts};

/// Looks at groups, composite roles and flows.
pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    groups(view, findings);
    roles(view, findings);
    flows(view, findings);
}

/// What contains what, with where it stands.
struct Graph<K> {
    contains: HashMap<K, Vec<K>>,
}

impl<K: std::hash::Hash + Eq + Copy> Graph<K> {
    /// The members of `starts` that can be reached from themselves, each circle told once.
    fn circles(&self, starts: impl Iterator<Item = K>) -> Vec<Vec<K>> {
        let (mut done, mut circles) = (HashSet::new(), Vec::new());
        for start in starts {
            if done.contains(&start) {
                continue;
            }
            // Depth first without recursion: a chain can be as long as the file.
            let (mut path, mut open): (Vec<K>, HashSet<K>) = (vec![start], HashSet::from([start]));
            let mut next = vec![0];
            while let (Some(&at), Some(position)) = (path.last(), next.last_mut()) {
                let child = self.contains.get(&at).and_then(|children| children.get(*position)).copied();
                *position += 1;
                match child {
                    None => {
                        path.pop();
                        next.pop();
                        open.remove(&at);
                        done.insert(at);
                    }
                    Some(child) if open.contains(&child) => {
                        let from = path.iter().position(|one| *one == child).unwrap_or_default();
                        circles.push(path.get(from..).unwrap_or_default().to_vec());
                    }
                    Some(child) if !done.contains(&child) => {
                        path.push(child);
                        next.push(0);
                        open.insert(child);
                    }
                    Some(_) => {}
                }
            }
        }
        circles
    }
}

/// Groups that name a parent, as a hand-written file may.
fn groups(view: &View<'_>, findings: &mut Findings) {
    let mut contains: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut stands = Vec::new();
    collect_groups(
        view.realm,
        "groups",
        &mut |group, at| {
            if let (Some(id), Some(parent)) = (named(group, "id"), named(group, "parentId")) {
                contains.entry(id).or_default().push(parent);
                stands.push((id, at.place()));
            }
        },
        &view.at(),
    );
    let graph = Graph { contains };
    for circle in graph.circles(stands.iter().map(|(id, _)| *id)) {
        let Some((_, place)) = circle.first().and_then(|id| stands.iter().find(|(own, _)| own == id)) else { continue };
        let root = At::Root(place);
        findings.report(&rules::GROUP_CYCLE, &root.key("parentId"), || "this group is its own ancestor".to_owned());
    }
}

fn collect_groups<'v>(owner: &'v Object, key: &str, found: &mut dyn FnMut(&'v Object, &At<'_>), at: &At<'_>) {
    let list = at.key(key);
    for (index, group) in objects(owner, key) {
        let here = list.index(index);
        found(group, &here);
        collect_groups(group, "subGroups", found, &here);
    }
}

/// A role by client and name.
type Key<'v> = (Option<&'v str>, &'v str);

fn roles(view: &View<'_>, findings: &mut Findings) {
    let Some(roles) = object(view.realm, "roles") else { return };
    let root = view.at();
    let at = root.key("roles");
    let mut contains: HashMap<Key<'_>, Vec<Key<'_>>> = HashMap::new();
    let mut stands = Vec::new();
    let realm = at.key("realm");
    for (index, role) in objects(roles, "realm") {
        if let (Some(name), Some(composites)) = (named(role, "name"), object(role, "composites")) {
            contains.insert((None, name), contained(composites));
            stands.push(((None, name), realm.index(index).place()));
        }
    }
    let clients = at.key("client");
    for (client, roles) in object_lists(roles, "client") {
        let list = clients.key(client);
        for (index, role) in roles.iter().enumerate() {
            let Some(role) = role.as_object() else { continue };
            if let (Some(name), Some(composites)) = (named(role, "name"), object(role, "composites")) {
                contains.insert((Some(client), name), contained(composites));
                stands.push(((Some(client), name), list.index(index).place()));
            }
        }
    }
    let graph = Graph { contains };
    for circle in graph.circles(stands.iter().map(|(key, _)| *key)) {
        let Some((_, place)) = circle.first().and_then(|key| stands.iter().find(|(own, _)| own == key)) else { continue };
        let names: Vec<_> = circle.iter().chain(circle.first()).map(|(_, name)| *name).collect();
        let root = At::Root(place);
        let message = || format!("this role contains itself: {}", names.join(" → "));
        findings.report(&rules::ROLE_CYCLE, &root.key("composites"), message);
    }
}

fn contained(composites: &Object) -> Vec<Key<'_>> {
    let realm = texts(composites, "realm").map(|(_, name)| (None, name));
    let clients = object_lists(composites, "client");
    let of_clients =
        clients.flat_map(|(client, names)| names.iter().filter_map(move |name| Some((Some(client), name.as_str()?))));
    realm.chain(of_clients).collect()
}

fn flows(view: &View<'_>, findings: &mut Findings) {
    let root = view.at();
    let list = root.key("authenticationFlows");
    let mut contains: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut stands = Vec::new();
    for (index, flow) in objects(view.realm, "authenticationFlows") {
        if let Some(alias) = named(flow, "alias") {
            let below = objects(flow, "authenticationExecutions").filter_map(|(_, step)| named(step, "flowAlias"));
            contains.insert(alias, below.collect());
            stands.push((alias, list.index(index).place()));
        }
    }
    let graph = Graph { contains };
    for circle in graph.circles(stands.iter().map(|(alias, _)| *alias)) {
        let Some((_, place)) = circle.first().and_then(|alias| stands.iter().find(|(own, _)| own == alias)) else { continue };
        let root = At::Root(place);
        let names: Vec<_> = circle.iter().chain(circle.first()).copied().collect();
        let message = || format!("this flow contains itself: {}: no login through it ends", names.join(" → "));
        findings.report(&rules::FLOW_CYCLE, &root.key("alias"), message);
    }
}
