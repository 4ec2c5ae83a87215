//! The rule of all: member by member, what the file said before, what it says now, what is in force.

use std::borrow::Cow;
use std::sync::LazyLock;

use realm_model::document::Body;
use serde_json::Value;

use self::Comes::{Becomes, Stays};
use super::same::{by_name, is_nothing, same, same_or_absent};
use crate::plan::{MemberChange, is_secret};

/// Four views of one object.
#[derive(Clone, Copy)]
pub(crate) struct Sides<'s> {
    /// What the file said when it was last applied.
    pub(crate) base: &'s Body,
    /// What it says now.
    pub(crate) file: &'s Body,
    /// What is in force.
    pub(crate) live: &'s Body,
    /// What would be in force had the file just been imported: what it says, as Keycloak reads it, and the rest.
    pub(crate) whole: &'s Body,
}

/// What comes of it.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    /// What is to be in force; `None`: what is.
    pub(crate) body: Option<Body>,
    /// What that changes.
    pub(crate) changes: Vec<MemberChange>,
    /// What stays although the file says something else, or nothing: `before` is the file's, `after` what is in force.
    pub(crate) drift: Vec<MemberChange>,
}

/// Compares all members but those that `skip` names.
pub(crate) fn merge(sides: Sides<'_>, skip: &[&str]) -> Merged {
    let mut run = Run { path: Vec::new(), changes: Vec::new(), drift: Vec::new(), skip };
    let body = run.object(sides);
    Merged { body, changes: run.changes, drift: run.drift }
}

/// The object of which nothing is said.
static NOTHING: LazyLock<Body> = LazyLock::new(Body::new);

/// What comes of one value.
enum Comes {
    /// It stays as it is in force.
    Stays,
    /// It becomes this; `None`: it goes.
    Becomes(Option<Value>),
}

struct Run<'r> {
    path: Vec<&'r str>,
    changes: Vec<MemberChange>,
    drift: Vec<MemberChange>,
    skip: &'r [&'r str],
}

/// One member as the four have it.
#[derive(Clone, Copy)]
struct Views<'v> {
    base: Option<&'v Value>,
    file: Option<&'v Value>,
    live: Option<&'v Value>,
    whole: Option<&'v Value>,
}

impl<'r> Run<'r> {
    /// What is to be in force; `None`: what is.
    fn object(&mut self, sides: Sides<'r>) -> Option<Body> {
        let mut result = None;
        let gone = sides.base.keys().filter(|name| !sides.file.contains_key(*name));
        let unsaid = sides.live.keys().filter(|name| !sides.file.contains_key(*name) && !sides.base.contains_key(*name));
        for name in sides.file.keys().chain(gone).chain(unsaid) {
            if self.path.is_empty() && self.skip.contains(&name.as_str()) {
                continue;
            }
            let views = Views {
                base: sides.base.get(name),
                file: sides.file.get(name),
                live: sides.live.get(name),
                whole: sides.whole.get(name),
            };
            self.path.push(name);
            if let Becomes(value) = self.member(name, views) {
                let result = result.get_or_insert_with(|| sides.live.clone());
                match value {
                    Some(value) => result.insert(name.clone(), value),
                    None => result.shift_remove(name),
                };
            }
            self.path.pop();
        }
        result
    }

    /// The value that is to be in force.
    fn member(&mut self, name: &str, views: Views<'r>) -> Comes {
        let Views { base, file, live, whole } = views;
        if base.is_none() && file.is_none() {
            self.unsaid(name, views);
            return Stays;
        }
        if are_objects(&[base, file, live]) {
            return self.within(views);
        }
        if let Some(merged) = self.named_list(views) {
            return merged;
        }
        let target = match file {
            Some(value) => Some(whole.unwrap_or(value)),
            None if is_secret(&self.path) => live, // a secret that the file no longer tells goes on to hold
            None => whole,
        };
        let changed = base.is_none() || !same_or_absent(name, base, file);
        if same_or_absent(name, target, live) {
            // What says nothing, such as an empty list, comes where it is new.
            return if live.is_none() && changed { Becomes(target.cloned()) } else { Stays };
        }
        if changed {
            self.changed(live, target);
            return Becomes(target.cloned());
        }
        if live.is_some() || whole.is_some() {
            self.drifted(target, live);
        }
        Stays
    }

    /// The file says nothing and never did: what is in force stays.
    fn unsaid(&mut self, name: &str, views: Views<'r>) {
        let Views { live, whole, .. } = views;
        if are_objects(&[live, whole]) && live.is_some() {
            let (live, whole) = (object(live), object(whole));
            self.object(Sides { base: &NOTHING, file: &NOTHING, live, whole });
        } else if !same_or_absent(name, whole, live)
            && !is_minted(name)
            && !is_secret(&self.path)
            && self.named_list(views).is_none()
        {
            self.drifted(None, live);
        }
    }

    fn within(&mut self, views: Views<'r>) -> Comes {
        let [base, file, live, whole] = [views.base, views.file, views.live, views.whole].map(object);
        let result = self.object(Sides { base, file, live, whole });
        let is_new = views.live.is_none() && views.file.is_some() && views.base.is_none();
        match result {
            Some(body) if views.live.is_some() || is_new || !body.is_empty() => Becomes(Some(body.into())),
            None if is_new => Becomes(Some(Body::new().into())),
            _ => Stays,
        }
    }

    /// A list of objects that are known by name: element by element. `None` where it is none.
    fn named_list(&mut self, views: Views<'r>) -> Option<Comes> {
        let given = [views.base, views.file, views.live].map(|view| view.filter(|value| !is_nothing(value)));
        let [base, file, live] = [by_name(given[0])?, by_name(given[1])?, by_name(given[2])?];
        if base.is_empty() && file.is_empty() && live.is_empty() {
            return None;
        }
        let whole = by_name(views.whole).unwrap_or_default();
        let mut names: Vec<&str> = live.iter().map(|(name, _)| *name).collect();
        for (name, _) in file.iter().chain(&base) {
            if !names.contains(name) {
                names.push(name);
            }
        }
        let (mut list, mut stays) = (Vec::with_capacity(names.len()), true);
        for name in names {
            let of = |all: &[(&str, &'r Value)]| all.iter().find(|(known, _)| *known == name).map(|(_, element)| *element);
            let element = Views { base: of(&base), file: of(&file), live: of(&live), whole: of(&whole) };
            self.path.push(name);
            match self.element(name, element) {
                Stays => list.extend(element.live.map(Cow::Borrowed)),
                Becomes(value) => {
                    list.extend(value.map(Cow::Owned));
                    stays = false;
                }
            }
            self.path.pop();
        }
        if stays && views.live.is_none_or(Value::is_array) || views.live.is_none() && list.is_empty() {
            return Some(Stays);
        }
        Some(Becomes(Some(list.into_iter().map(Cow::into_owned).collect())))
    }

    /// An element of such a list: it comes and goes as a whole.
    fn element(&mut self, name: &str, views: Views<'r>) -> Comes {
        let Views { base, file, live, whole } = views;
        match (base, file, live) {
            (Some(_), None, live) => {
                if !same_or_absent(name, whole, live) {
                    self.changed(live, whole);
                }
                Becomes(whole.cloned())
            }
            (Some(base), Some(file), None) if same(name, base, file) => {
                self.drifted(Some(file), None);
                Stays
            }
            (_, Some(_), None) => {
                self.changed(None, file);
                Becomes(whole.or(file).cloned())
            }
            (None, None, Some(live)) if whole.is_none() => {
                self.drifted(None, Some(live));
                Stays
            }
            _ => self.member(name, views),
        }
    }

    fn changed(&mut self, before: Option<&Value>, after: Option<&Value>) {
        self.changes.push(MemberChange::new(&self.path, before, after));
    }

    fn drifted(&mut self, file: Option<&Value>, live: Option<&Value>) {
        self.drift.push(MemberChange::new(&self.path, file, live));
    }
}

/// Members that are made anew with every import: that they differ says nothing.
fn is_minted(name: &str) -> bool {
    matches!(
        name,
        "id" | "_id" | "containerId" | "client.secret.creation.time" | "createdTimestamp" | "createdDate" | "internalId"
    )
}

/// What is in an object; nothing where it is none.
fn object(value: Option<&Value>) -> &Body {
    value.and_then(Value::as_object).unwrap_or(&NOTHING)
}

/// Whether all that are there are objects, and one is.
fn are_objects(values: &[Option<&Value>]) -> bool {
    values.iter().any(Option::is_some) && values.iter().flatten().all(|value| value.is_object())
}

/// Whether `file` says anything but what `base` says.
pub(crate) fn says_something_new(base: &Body, file: &Body) -> bool {
    let gone = base.keys().any(|name| !file.contains_key(name));
    gone || file.iter().any(|(name, value)| base.get(name).is_none_or(|known| !same(name, known, value)))
}

#[cfg(test)]
mod tests;
