//! The rule of all: member by member, what the file said before, what it says now, what is in force.

use realm_model::document::Body;
use serde_json::Value;

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
    /// What is to be in force.
    pub(crate) body: Body,
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

struct Run<'r> {
    path: Vec<String>,
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

impl Run<'_> {
    fn object(&mut self, sides: Sides<'_>) -> Body {
        let mut result = sides.live.clone();
        let gone = sides.base.keys().filter(|name| !sides.file.contains_key(*name));
        let unsaid = sides.live.keys().filter(|name| !sides.file.contains_key(*name) && !sides.base.contains_key(*name));
        let names: Vec<&String> = sides.file.keys().chain(gone).chain(unsaid).collect();
        for name in names {
            if self.path.is_empty() && self.skip.contains(&name.as_str()) {
                continue;
            }
            let views = Views {
                base: sides.base.get(name),
                file: sides.file.get(name),
                live: sides.live.get(name),
                whole: sides.whole.get(name),
            };
            self.path.push(name.clone());
            match self.member(name, views) {
                Some(value) => {
                    result.insert(name.clone(), value);
                }
                None => {
                    result.shift_remove(name);
                }
            }
            self.path.pop();
        }
        result
    }

    /// The value that is to be in force.
    fn member(&mut self, name: &str, views: Views<'_>) -> Option<Value> {
        let Views { base, file, live, whole } = views;
        if base.is_none() && file.is_none() {
            return self.unsaid(name, views);
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
            return live.or(target.filter(|_| changed)).cloned();
        }
        if changed {
            self.changed(live, target);
            return target.cloned();
        }
        if live.is_some() || whole.is_some() {
            self.drifted(target, live);
        }
        live.cloned()
    }

    /// The file says nothing and never did.
    fn unsaid(&mut self, name: &str, views: Views<'_>) -> Option<Value> {
        let Views { live, whole, .. } = views;
        if are_objects(&[live, whole]) && live.is_some() {
            let empty = Body::new();
            let (live, whole) = (object(live).unwrap_or(&empty), object(whole).unwrap_or(&empty));
            self.object(Sides { base: &empty, file: &empty, live, whole });
        } else if !same_or_absent(name, whole, live)
            && !is_minted(name)
            && !is_secret(&self.path)
            && self.named_list(views).is_none()
        {
            self.drifted(None, live);
        }
        live.cloned()
    }

    fn within(&mut self, views: Views<'_>) -> Option<Value> {
        let empty = Body::new();
        let [base, file, live, whole] =
            [views.base, views.file, views.live, views.whole].map(|view| object(view).unwrap_or(&empty));
        let result = self.object(Sides { base, file, live, whole });
        let stays = views.live.is_some() || views.file.is_some_and(|_| views.base.is_none());
        (stays || !result.is_empty()).then_some(Value::Object(result))
    }

    /// A list of objects that are known by name: element by element. `None` where it is none.
    fn named_list(&mut self, views: Views<'_>) -> Option<Option<Value>> {
        let given = [views.base, views.file, views.live].map(|view| view.filter(|value| !is_nothing(value)));
        let [base, file, live] = [by_name(given[0])?, by_name(given[1])?, by_name(given[2])?];
        if base.is_empty() && file.is_empty() && live.is_empty() {
            return None;
        }
        let whole = by_name(views.whole).unwrap_or_default();
        let mut names: Vec<&String> = live.iter().map(|(name, _)| name).collect();
        let others = file.iter().chain(&base).map(|(name, _)| name);
        others.for_each(|name| {
            if !names.contains(&name) {
                names.push(name);
            }
        });
        let mut list = Vec::new();
        for name in names {
            let of = |all: &[(String, &Body)]| {
                all.iter().find(|(known, _)| known == name).map(|(_, body)| Value::Object((*body).clone()))
            };
            let [base, file, live, whole] = [of(&base), of(&file), of(&live), of(&whole)];
            self.path.push(name.clone());
            let element = Views { base: base.as_ref(), file: file.as_ref(), live: live.as_ref(), whole: whole.as_ref() };
            list.extend(self.element(name, element));
            self.path.pop();
        }
        let stays = views.live.is_some() || !list.is_empty();
        Some(stays.then_some(Value::Array(list)))
    }

    /// An element of such a list: it comes and goes as a whole.
    fn element(&mut self, name: &str, views: Views<'_>) -> Option<Value> {
        let Views { base, file, live, whole } = views;
        match (base, file, live) {
            (Some(_), None, live) => {
                if !same_or_absent(name, whole, live) {
                    self.changed(live, whole);
                }
                whole.cloned()
            }
            (Some(base), Some(file), None) if same(name, base, file) => {
                self.drifted(Some(file), None);
                None
            }
            (_, Some(_), None) => {
                self.changed(None, file);
                whole.or(file).cloned()
            }
            (None, None, Some(live)) if whole.is_none() => {
                self.drifted(None, Some(live));
                Some(live.clone())
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

fn object(value: Option<&Value>) -> Option<&Body> {
    value.and_then(Value::as_object)
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
