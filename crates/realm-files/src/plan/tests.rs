use realm_model::document::{Key, Kind};
use serde_json::json;

use super::*;

fn plan() -> Plan {
    let path = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let place = Some(SourcePlace { file: "acme.json".to_owned(), line: 7, column: 1 });
    let secret = MemberChange::new(&path(&["secret"]), Some(&json!("old-one")), Some(&json!("new-one")));
    let uris = MemberChange::new(&path(&["redirectUris"]), None, Some(&json!(["https://a|b"])));
    let subject = Subject::Entity(Key::of(Kind::Client, "app"));
    let changed = Change { subject, action: Action::Update, members: vec![secret, uris], place };
    let subject = Subject::User("bob".to_owned());
    let drifted = Change { subject, action: Action::Update, members: Vec::new(), place: None };
    Plan { action: Action::Update, changes: vec![changed], drift: vec![drifted], ..Plan::nothing("acme", "acme.json") }
}

#[test]
fn people_are_shown_every_change_with_its_place_and_a_summary() {
    let expected = "\
realm \"acme\" (acme.json)
  ~ client \"app\"   acme.json:7
      secret: changes
      redirectUris: [\"https://a|b\"]
  changed at run time (stays; the file says otherwise or nothing):
    ! user \"bob\"

1 realm: 0 to create, 1 to change, 0 to delete. 1 changed at run time.
";
    assert_eq!(human(&[plan()], Colour::Off), expected);
    assert!(human(&[plan()], Colour::Ansi).contains("\u{1b}[33m"));
    assert_eq!(human(&[Plan::nothing("x", "")], Colour::Off), "Nothing to change.\n");
}

#[test]
fn a_pull_request_is_shown_tables() {
    let text = markdown(&[plan()]);
    assert!(text.contains("| update | client \"app\" | `redirectUris` |  | `[\"https://a\\|b\"]` | acme.json:7 |"), "{text}");
    assert_eq!(markdown(&[Plan::nothing("x", "")]), "Nothing to change.\n");
}

#[test]
fn programs_get_json_and_an_exit_code() {
    let json = json(&[plan()]);
    assert_eq!(json["realms"][0]["changes"][0]["line"], 7);
    assert_eq!(json["summary"], serde_json::json!({"create": 0, "update": 1, "delete": 0, "drift": 1}));
    assert_eq!((plan().outcome().code(), plan().drift_outcome().code()), (2, 2));
    assert_eq!(Plan::nothing("x", "").outcome().code(), 0);
    let refused = Plan { refusals: vec![Refusal::RealmGone("x".to_owned())], ..plan() };
    assert_eq!(refused.outcome().code(), 1);
}

#[test]
fn of_a_new_realm_people_are_shown_what_is_in_it_and_not_each_member() {
    let made = Plan { action: Action::Create, drift: Vec::new(), ..plan() };
    let text = human(std::slice::from_ref(&made), Colour::Off);
    assert!(text.starts_with("realm \"acme\" is made (acme.json)\n  ~ client \"app\"   acme.json:7\n\n"), "{text}");
    let text = markdown(std::slice::from_ref(&made));
    assert!(text.contains("\n- client \"app\" (acme.json:7)\n") && !text.contains("redirectUris"), "{text}");
    assert_eq!(json(&[made])["realms"][0]["changes"][0]["members"].as_array().unwrap().len(), 2);
}
