//! A plan for programs.

use serde_json::{Value, json};

use super::{Action, Change, Plan};

/// All plans: `{"realms": […], "summary": {…}}`.
pub fn json(plans: &[Plan]) -> Value {
    let mut counts = [0; 4];
    for plan in plans {
        let of = plan.counts();
        for (sum, n) in counts.iter_mut().zip([of.create, of.update, of.delete, of.drift]) {
            *sum += n;
        }
    }
    let [create, update, delete, drift] = counts;
    json!({
        "realms": plans.iter().map(realm).collect::<Vec<_>>(),
        "summary": {"create": create, "update": update, "delete": delete, "drift": drift},
    })
}

fn realm(plan: &Plan) -> Value {
    let mut body = json!({
        "realm": plan.realm,
        "source": plan.source,
        "action": word(&plan.action),
        "changes": plan.changes.iter().map(change).collect::<Vec<_>>(),
        "drift": plan.drift.iter().map(change).collect::<Vec<_>>(),
        "notes": plan.notes,
        "refusals": plan.refusals.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    put_renamed(&mut body, &plan.action);
    body
}

fn change(change: &Change) -> Value {
    let (owner, name) = match &change.subject {
        super::Subject::Entity(key) => (key.owner.as_str(), key.name.as_str()),
        super::Subject::User(name) => ("", name.as_str()),
    };
    let members =
        change.members.iter().map(|member| json!({"path": member.path, "before": member.before, "after": member.after}));
    let mut body = json!({
        "kind": change.subject.kind(),
        "name": name,
        "action": word(&change.action),
        "members": members.collect::<Vec<_>>(),
    });
    if let Value::Object(members) = &mut body {
        if !owner.is_empty() {
            members.insert("owner".to_owned(), owner.into());
        }
        if let Some(place) = &change.place {
            members.insert("file".to_owned(), place.file.as_str().into());
            members.insert("line".to_owned(), place.line.into());
        }
    }
    put_renamed(&mut body, &change.action);
    body
}

fn put_renamed(body: &mut Value, action: &Action) {
    if let (Value::Object(members), Action::Rename(before)) = (body, action) {
        members.insert("renamedFrom".to_owned(), before.as_str().into());
    }
}

pub(super) fn word(action: &Action) -> &'static str {
    match action {
        Action::Keep => "keep",
        Action::Create => "create",
        Action::Update => "update",
        Action::Rename(_) => "rename",
        Action::Delete => "delete",
    }
}
