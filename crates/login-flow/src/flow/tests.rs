use serde_json::{Value, json};

use super::*;
use crate::test_request::realm;

/// What a login answers to a flow: which conditions hold, which authenticators the user has not set up.
#[derive(Default)]
struct Answers {
    hold: Vec<&'static str>,
    not_set_up: Vec<&'static str>,
}

impl Conditions for Answers {
    fn holds(&self, _: &Flow, execution: &Execution) -> bool {
        self.hold.contains(&execution.provider().unwrap_or_default())
    }

    fn can_take(&self, execution: &Execution) -> bool {
        !self.not_set_up.contains(&execution.provider().unwrap_or_default())
    }
}

/// A step `REQUIREMENT name`, of a sub-flow where the name begins with a capital.
fn step((priority, text): (usize, &&str)) -> Value {
    let (requirement, name) = text.split_once(' ').unwrap();
    let is_flow = name.starts_with(char::is_uppercase);
    let word = if is_flow { "flowAlias" } else { "authenticator" };
    json!({"requirement": requirement, "priority": priority, "authenticatorFlow": is_flow, word: name})
}

/// A realm of these flows; the first is the one that is gone through.
fn realm_of(flows: &[(&str, &[&str])]) -> std::sync::Arc<Realm> {
    let flows: Vec<Value> = flows
        .iter()
        .map(|(alias, steps)| {
            let steps: Vec<Value> = steps.iter().enumerate().map(step).collect();
            json!({"alias": alias, "providerId": "basic-flow", "topLevel": true, "authenticationExecutions": steps})
        })
        .collect();
    realm(&json!({"realm": "r", "enabled": true, "authenticationFlows": flows}).to_string())
}

fn tab() -> Tab {
    Tab::new("t".to_owned(), "c", Vec::new(), ambient::Timestamp::from_secs(0))
}

/// What comes next in the flow `Top`, after `outcomes` as `flow/provider=word`: the provider, `done` or `no way`.
fn next_after(flows: &[(&str, &[&str])], outcomes: &[(&str, &str, Outcome)], answers: &Answers) -> String {
    let realm = realm_of(flows);
    let mut tab = tab();
    for (alias, key, outcome) in outcomes {
        let flow = realm.flows.flow(alias).unwrap();
        record(&mut tab, (flow, flow.execution(key).unwrap()), *outcome);
    }
    said(next(&realm, realm.flows.flow("Top").unwrap(), &tab, answers))
}

fn said(next: Next<'_>) -> String {
    match next {
        Next::Run(_, execution) => execution.provider().unwrap_or_default().to_owned(),
        Next::Done => "done".to_owned(),
        Next::NoWayLeft => "no way".to_owned(),
    }
}

const BROWSER: [(&str, &[&str]); 3] = [
    ("Top", &["ALTERNATIVE auth-cookie", "ALTERNATIVE Forms"]),
    ("Forms", &["REQUIRED auth-username-password-form", "CONDITIONAL Second"]),
    ("Second", &["REQUIRED conditional-user-configured", "ALTERNATIVE auth-otp-form", "ALTERNATIVE webauthn-authenticator"]),
];

const PASSWORD: (&str, &str, Outcome) = ("Forms", "auth-username-password-form", Outcome::Done);
const NO_COOKIE: (&str, &str, Outcome) = ("Top", "auth-cookie", Outcome::Skipped);

fn configured() -> Answers {
    Answers { hold: vec!["conditional-user-configured"], ..Answers::default() }
}

#[test]
fn a_cookie_is_enough_where_it_is_an_alternative() {
    assert_eq!(next_after(&BROWSER, &[("Top", "auth-cookie", Outcome::Done)], &configured()), "done");
}

#[test]
fn without_a_cookie_the_password_comes_next() {
    assert_eq!(next_after(&BROWSER, &[NO_COOKIE], &configured()), "auth-username-password-form");
}

#[test]
fn a_password_alone_is_refused_where_the_condition_of_the_second_factor_holds() {
    assert_eq!(next_after(&BROWSER, &[NO_COOKIE, PASSWORD], &configured()), "auth-otp-form");
}

#[test]
fn a_password_is_enough_where_the_condition_of_the_second_factor_does_not_hold() {
    assert_eq!(next_after(&BROWSER, &[NO_COOKIE, PASSWORD], &Answers::default()), "done");
}

#[test]
fn a_skipped_second_factor_is_refused_where_no_other_is_left() {
    let skipped = [
        NO_COOKIE,
        PASSWORD,
        ("Second", "auth-otp-form", Outcome::Skipped),
        ("Second", "webauthn-authenticator", Outcome::Skipped),
    ];
    assert_eq!(next_after(&BROWSER, &skipped, &configured()), "no way");
}

#[test]
fn an_alternative_that_the_user_has_not_is_none() {
    let answers = Answers { not_set_up: vec!["auth-otp-form"], ..configured() };
    assert_eq!(next_after(&BROWSER, &[NO_COOKIE, PASSWORD], &answers), "webauthn-authenticator");
    let neither = Answers { not_set_up: vec!["auth-otp-form", "webauthn-authenticator"], ..configured() };
    assert_eq!(next_after(&BROWSER, &[NO_COOKIE, PASSWORD], &neither), "no way");
}

#[test]
fn a_conditional_flow_that_was_entered_stays_due() {
    let flows: [(&str, &[&str]); 2] = [
        ("Top", &["REQUIRED auth-username-form", "CONDITIONAL Level"]),
        ("Level", &["REQUIRED conditional-level-of-authentication", "REQUIRED auth-password-form", "REQUIRED auth-otp-form"]),
    ];
    let named = ("Top", "auth-username-form", Outcome::Done);
    let begun = [named, ("Level", "auth-password-form", Outcome::Done)];
    // The condition does not hold any more.
    assert_eq!(next_after(&flows, &begun, &Answers::default()), "auth-otp-form");
    assert_eq!(next_after(&flows, &[named], &Answers::default()), "done");
}

#[test]
fn a_required_step_is_asked_for_whether_it_is_set_up_or_not() {
    let flows: [(&str, &[&str]); 1] = [("Top", &["REQUIRED auth-username-password-form", "REQUIRED auth-otp-form"])];
    let answers = Answers { not_set_up: vec!["auth-otp-form"], ..Answers::default() };
    let password = [("Top", "auth-username-password-form", Outcome::Done)];
    assert_eq!(next_after(&flows, &password, &answers), "auth-otp-form");
}

#[test]
fn alternatives_beside_a_required_step_are_ignored() {
    let flows: [(&str, &[&str]); 1] = [("Top", &["ALTERNATIVE auth-cookie", "REQUIRED auth-username-password-form"])];
    assert_eq!(next_after(&flows, &[("Top", "auth-cookie", Outcome::Done)], &Answers::default()), "auth-username-password-form");
}

#[test]
fn every_required_step_is_gone_through_in_its_order() {
    let flows: [(&str, &[&str]); 1] =
        [("Top", &["REQUIRED auth-username-form", "DISABLED deny-access", "REQUIRED auth-password-form"])];
    assert_eq!(next_after(&flows, &[], &Answers::default()), "auth-username-form");
    let named = ("Top", "auth-username-form", Outcome::Done);
    assert_eq!(next_after(&flows, &[named], &Answers::default()), "auth-password-form");
    assert_eq!(next_after(&flows, &[named, ("Top", "auth-password-form", Outcome::Done)], &Answers::default()), "done");
    // The second without the first is nothing.
    assert_eq!(next_after(&flows, &[("Top", "auth-password-form", Outcome::Done)], &Answers::default()), "auth-username-form");
}

#[test]
fn a_flow_of_disabled_steps_alone_refuses() {
    let flows: [(&str, &[&str]); 1] = [("Top", &["DISABLED auth-cookie"])];
    assert_eq!(next_after(&flows, &[], &Answers::default()), "no way");
}

#[test]
fn all_conditions_of_a_flow_must_hold() {
    let flows: [(&str, &[&str]); 2] = [
        ("Top", &["REQUIRED auth-username-password-form", "CONDITIONAL Second"]),
        ("Second", &["REQUIRED conditional-user-configured", "REQUIRED conditional-user-role", "REQUIRED auth-otp-form"]),
    ];
    let password = [("Top", "auth-username-password-form", Outcome::Done)];
    assert_eq!(next_after(&flows, &password, &configured()), "done");
    let both = Answers { hold: vec!["conditional-user-configured", "conditional-user-role"], ..Answers::default() };
    assert_eq!(next_after(&flows, &password, &both), "auth-otp-form");
}

#[test]
fn flows_within_themselves_end() {
    let flows: [(&str, &[&str]); 1] = [("Top", &["REQUIRED Top"])];
    assert_eq!(next_after(&flows, &[], &Answers::default()), "no way");
}

#[test]
fn the_alternative_that_was_chosen_is_taken() {
    let realm = realm_of(&BROWSER);
    let (top, second) = (realm.flows.flow("Top").unwrap(), realm.flows.flow("Second").unwrap());
    let mut tab = tab();
    for (alias, key, outcome) in [NO_COOKIE, PASSWORD] {
        let flow = realm.flows.flow(alias).unwrap();
        record(&mut tab, (flow, flow.execution(key).unwrap()), outcome);
    }
    let open: Vec<_> = ways(&realm, top, &tab, &configured()).iter().filter_map(|(_, one)| one.provider()).collect();
    assert_eq!(open, ["auth-otp-form", "webauthn-authenticator"]);
    tab.set_note(CHOSEN, &name_of(second, second.execution("webauthn-authenticator").unwrap()));
    assert_eq!(said(next(&realm, top, &tab, &configured())), "webauthn-authenticator");
}

#[test]
fn what_is_done_elsewhere_cannot_be_chosen() {
    let realm = realm_of(&BROWSER);
    let top = realm.flows.flow("Top").unwrap();
    let mut tab = tab();
    let second = realm.flows.flow("Second").unwrap();
    // The second factor before the password: the choice changes nothing.
    tab.set_note(CHOSEN, &name_of(second, second.execution("auth-otp-form").unwrap()));
    record(&mut tab, (top, top.execution("auth-cookie").unwrap()), Outcome::Skipped);
    assert_eq!(said(next(&realm, top, &tab, &configured())), "auth-username-password-form");
}
