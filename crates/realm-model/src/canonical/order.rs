//! Which member and which element comes first.

use super::node::{Node, plain};
use crate::file::shape::{Entity, FILES, Order, Shape};

/// Sorts a file: a realm, a list of realms, users, or one entity of a realm in a file of its own.
pub(super) fn sort_file(root: &mut Node<'_>) {
    match root {
        Node::List(values) => values.iter_mut().for_each(sort_file),
        Node::Object(members) => {
            // The first of those that know most of the members.
            let known = |entity: &Entity| members.iter().filter(|(name, _)| entity.field(&plain(name)).is_some()).count();
            let best = FILES.iter().rev().max_by_key(|entity| known(entity));
            if let Some(entity) = best {
                sort_object(root, entity);
            }
        }
        Node::Scalar(_) => {}
    }
}

fn sort(node: &mut Node<'_>, shape: &'static Shape) {
    match (shape, node) {
        (Shape::Object(entity), node @ Node::Object(_)) => sort_object(node, entity),
        (Shape::Map(of), Node::Object(members)) => {
            members.iter_mut().for_each(|(_, value)| sort(value, of));
            members.sort_by(|(one, _), (other, _)| plain(one).cmp(&plain(other)));
        }
        (Shape::List(of, order), Node::List(values)) => {
            values.iter_mut().for_each(|value| sort(value, of));
            sort_list(values, *order);
        }
        _ => {}
    }
}

fn sort_object(node: &mut Node<'_>, entity: &'static Entity) {
    let Node::Object(members) = node else { return };
    for (name, value) in members.iter_mut() {
        if let Some(field) = entity.field(&plain(name)) {
            sort(value, &field.shape);
        }
    }
    members.sort_by_cached_key(|(name, _)| {
        let name = plain(name);
        let position = entity.fields.iter().position(|field| field.name == name);
        (position.unwrap_or(usize::MAX), if position.is_some() { String::new() } else { name.into_owned() })
    });
}

fn sort_list(values: &mut [Node<'_>], order: Order) {
    match order {
        Order::Kept => {}
        Order::Texts => {
            if values.iter().all(|value| matches!(value, Node::Scalar(_))) {
                values.sort_by(|one, other| one.text().cmp(&other.text()));
            }
        }
        // What has no name comes last, as it was.
        Order::By(members) => values.sort_by_cached_key(|value| {
            let key = |name: &&str| value.member(name).and_then(Node::text).map(|text| text.into_owned());
            let keys: Vec<Option<String>> = members.iter().map(key).collect();
            (keys.iter().all(Option::is_none), keys)
        }),
    }
}
