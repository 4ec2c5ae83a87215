use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::compile;
use crate::document::{Document, Documents, Key, Kind};
use crate::template::{Template, overlay};

fn as_built_in() -> Documents {
    overlay(("r-1", "acme"), Template::NEWEST, [], 1)
}

fn compiled(documents: &Documents) -> Realm {
    compile::realm(documents, &|_: &str| None).realm
}

fn put(documents: &mut Documents, kind: Kind, name: &str, id: &str, body: Value) {
    let Value::Object(body) = body else { panic!("no object") };
    documents.insert(Document { key: Key::of(kind, name), id: id.to_owned(), body }, 1);
}

#[test]
fn a_realm_as_built_in_has_keycloaks_flows_in_their_order() {
    let realm = compiled(&as_built_in());
    let browser = realm.flows.bound(Binding::Browser).unwrap();
    let steps: Vec<_> = browser.executions.iter().map(|execution| &*execution.key).collect();
    assert_eq!(steps, ["auth-cookie", "auth-spnego", "identity-provider-redirector", "Organization", "forms"]);
    assert!(browser.executions[1].is_disabled() && browser.top_level);
    let second = realm.flows.flow("Browser - Conditional 2FA").unwrap().execution("conditional-credential").unwrap();
    assert_eq!(second.config().unwrap().get("credentials"), Some("webauthn-passwordless"));
    let page = realm.flows.bound(Binding::Registration).unwrap().execution("registration-page-form").unwrap();
    let form = realm.flows.flow(page.flow().unwrap()).unwrap();
    assert_eq!((form.kind, form.executions.len()), (FlowKind::Form, 4));
}

#[test]
fn realms_share_equal_flows_but_no_execution_ids() {
    let (one, other) = (compiled(&as_built_in()), compiled(&overlay(("r-2", "other"), Template::NEWEST, [], 1)));
    assert!(one.flows.flows.ptr_eq(&other.flows.flows));
    assert!(Arc::ptr_eq(&one.required_actions.0, &other.required_actions.0));
    assert!(Arc::ptr_eq(&one.login, &other.login) && Arc::ptr_eq(&one.locales, &other.locales));
    let forms = one.flows.flow("forms").unwrap();
    let id = one.execution_id(forms, &forms.executions[0]);
    assert_ne!(id, other.execution_id(forms, &forms.executions[0]));
    let (flow, execution) = one.find_execution(&id).unwrap();
    assert_eq!((&*flow.alias, execution.provider()), ("forms", Some("auth-username-password-form")));
    assert!(other.find_execution(&id).is_none());
    let all: BTreeSet<_> = one.flows.iter().flat_map(|flow| flow.executions.iter().map(|e| one.execution_id(flow, e))).collect();
    assert_eq!(all.len(), one.flows.iter().map(|flow| flow.executions.len()).sum::<usize>());
}

#[test]
fn a_flow_of_its_own_is_compiled_beside_the_built_in_ones() {
    let mut documents = as_built_in();
    let step = |priority: i64, name: &str, requirement: &str| json!({ "authenticator": name, "requirement": requirement, "priority": priority });
    let steps =
        [step(30, "auth-otp-form", "REQUIRED"), step(10, "auth-username-form", "REQUIRED"), step(40, "auth-otp-form", "NO_WORD")];
    put(
        &mut documents,
        Kind::Flow,
        "own",
        "flow-1",
        json!({ "providerId": "basic-flow", "topLevel": true, "authenticationExecutions": steps }),
    );
    let realm = compiled(&documents);
    let own = realm.flows.flow("own").unwrap();
    let keys: Vec<_> = own.executions.iter().map(|execution| (&*execution.key, execution.requirement)).collect();
    let required = Requirement::Required;
    assert_eq!(keys, [("auth-username-form", required), ("auth-otp-form", required), ("auth-otp-form#2", required)]);
    assert!(Arc::ptr_eq(realm.flows.flow("forms").unwrap(), compiled(&as_built_in()).flows.flow("forms").unwrap()));
}

#[test]
fn a_client_may_have_a_flow_of_its_own_by_id_or_alias() {
    let mut documents = as_built_in();
    put(&mut documents, Kind::Flow, "own", "flow-1", json!({ "topLevel": true }));
    for (client, flow) in [("by-id", "flow-1"), ("by-alias", "own"), ("gone", "gone"), ("plain", "")] {
        put(&mut documents, Kind::Client, client, client, json!({ "authenticationFlowBindingOverrides": { "browser": flow } }));
    }
    let realm = compiled(&documents);
    let flow = |client: &str| realm.flow_for(realm.client(client).unwrap(), Binding::Browser).map(|flow| &*flow.alias);
    assert_eq!((flow("by-id"), flow("by-alias"), flow("gone"), flow("plain")), (Some("own"), Some("own"), None, Some("browser")));
}

#[test]
fn a_binding_is_the_realms_own() {
    let mut documents = as_built_in();
    put(
        &mut documents,
        Kind::Realm,
        "",
        "r-1",
        json!({ "realm": "acme", "browserFlow": "forms", "rememberMe": true, "supportedLocales": ["de"] }),
    );
    let realm = compiled(&documents);
    assert_eq!(realm.flows.bound(Binding::Browser).unwrap().alias, "forms".into());
    assert!(realm.login.remember_me && realm.locales.supported == ["de".into()]);
}

#[test]
fn required_actions_come_in_the_order_of_their_priorities() {
    let realm = compiled(&as_built_in());
    let names: Vec<_> = realm.required_actions.iter().take(3).map(|action| &*action.alias).collect();
    assert_eq!(names, ["TERMS_AND_CONDITIONS", "UPDATE_PROFILE", "VERIFY_EMAIL"]);
    let mut documents = as_built_in();
    documents.remove(&Key::of(Kind::RequiredAction, "VERIFY_EMAIL"));
    let without = compiled(&documents).required_actions;
    assert!(!without.has_enabled("VERIFY_EMAIL") && without.has_enabled("UPDATE_PROFILE"));
}
