//! Random edits of file and state in force.

use proptest::prelude::*;

use super::*;

/// An edit of one side: which entity, which member, which value (0 takes it away).
#[derive(Clone, Copy, Debug)]
struct Edit {
    entity: usize,
    member: usize,
    value: u8,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = (0..6_usize, 0..5_usize, 0..4_u8).prop_map(|(entity, member, value)| Edit { entity, member, value });
    prop::collection::vec(edit, 0..6)
}

const CLIENTS: [&str; 6] = ["app", "machine", "c2", "c3", "c4", "account-console"];

fn value_of(member: usize, value: u8) -> (&'static str, Value) {
    let text = format!("v{value}");
    match member {
        0 => ("name", text.into()),
        1 => ("redirectUris", json!([text, "b"])),
        2 => ("attributes", json!({"x": text, "y": "1"})),
        3 => ("consentRequired", json!(value == 2)),
        _ => (
            "protocolMappers",
            json!([{"name": text, "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper", "config": {}}]),
        ),
    }
}

/// Clients as a file may have them; the last edit of value 0 to member 0 takes the whole client away.
fn edited(json: &mut Value, edits: &[Edit]) {
    for edit in edits {
        let id = CLIENTS[edit.entity];
        let clients = json["clients"].as_array_mut().unwrap();
        let at = clients.iter().position(|client| client["clientId"] == id);
        if edit.member == 0 && edit.value == 0 {
            at.map(|at| clients.remove(at));
            continue;
        }
        let at = at.unwrap_or_else(|| {
            clients.push(json!({"clientId": id, "enabled": true}));
            clients.len() - 1
        });
        let (name, value) = value_of(edit.member, edit.value);
        let client = clients[at].as_object_mut().unwrap();
        if edit.value == 0 {
            client.remove(name);
        } else {
            client.insert(name.to_owned(), value);
        }
    }
}

async fn edit_live(world: &World, edits: &[Edit]) {
    for edit in edits {
        let id = CLIENTS[edit.entity];
        let (name, value) = value_of(edit.member, edit.value);
        let there = world.find(&client(id)).await;
        match there {
            Some((_, _, version)) if edit.member == 0 && edit.value == 0 && version > 0 && edit.entity < 5 => {
                let expected = Expected::Version(version);
                world.commit(Write::Delete { key: client(id), expected, leaving: Leaving::Nothing }).await;
            }
            Some(_) => world.edit(&client(id), json!({name: value})).await,
            None => world.edit(&client(id), json!({"clientId": id, "enabled": true, name: value})).await,
        }
    }
}

fn member(body: &Value, id: &str, name: &str) -> Option<Value> {
    body["clients"].as_array()?.iter().find(|client| client["clientId"] == id)?.get(name).cloned()
}

async fn check(first: Vec<Edit>, live: Vec<Edit>, second: Vec<Edit>) -> Result<(), TestCaseError> {
    let world = World::new().await;
    let options = Options { allow_deletes: true, ..Options::default() };
    let mut json = acme();
    json["roles"]["client"] = json!({});
    edited(&mut json, &first);
    world.try_apply(&json, options).await.unwrap();
    let plan = world.plan(&json).await;
    prop_assert!(plan.batch.is_none() && plan.drift.is_empty(), "second time: {plan:?}");
    edit_live(&world, &live).await;
    world.edit(&client("by-hand"), json!({"clientId": "by-hand"})).await;
    let before: Vec<_> = futures_util::future::join_all(CLIENTS.iter().map(|id| world.client(id))).await;
    let base = json.clone();
    edited(&mut json, &second);
    world.try_apply(&json, options).await.unwrap();
    prop_assert!(world.client("by-hand").await.is_some(), "never declared, never touched");
    for (id, before) in CLIENTS.iter().zip(before) {
        let after = world.client(id).await;
        for name in ["name", "redirectUris", "consentRequired"] {
            let (said, says) = (member(&base, id, name), member(&json, id, name));
            let (was, is) = (before.as_ref().and_then(|b| b.get(name)), after.as_ref().and_then(|b| b.get(name)));
            if says.is_some() && said != says {
                prop_assert_eq!(is, says.as_ref(), "{} {}: the file wins where it changed", id, name);
            } else if said == says && before.is_some() && after.is_some() {
                prop_assert_eq!(is, was, "{} {}: the rest stays", id, name);
            }
        }
    }
    let plan = world.plan(&json).await;
    prop_assert!(plan.batch.is_none() && !plan.has_changes(), "again: {plan:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn fields_follow_the_rule_and_a_second_plan_is_empty(first in edits(), live in edits(), second in edits()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(first, live, second))?;
    }
}
