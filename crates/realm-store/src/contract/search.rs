//! Expected results are those of Keycloak 26.7.4 (recordings admin-users/search-*, and asked of it).

use super::*;
use crate::{Matching, ServiceAccounts, UserQuery};

/// The users of the recordings and some that are harder to find.
async fn people(store: &dyn Repository) {
    acme(store).await;
    let who = |name: &str, first: &str, last: &str, more: Value| {
        let mut user = record(name, json!({ "firstName": first, "lastName": last, "email": format!("{name}@example.org") }));
        user.0.extend(more.as_object().unwrap().clone());
        user
    };
    let users = [
        who("adam", "Adam", "Smith", json!({ "emailVerified": true, "attributes": { "team": ["blue"] } })),
        who("adamina", "Ina", "Zed", json!({ "emailVerified": true, "attributes": { "team": ["Red"] }, "realmRoles": ["r"] })),
        who("bert", "Bert", "Adams", json!({ "emailVerified": true, "enabled": false })),
        who("carl", "Carla", "Ärger", json!({ "email": "carl.a@mail.example", "groups": ["/g"] })),
        who("dora", "Dora Anna", "Smithson", json!({ "attributes": { "team": ["red", "blue"], "x y": ["1 2"] } })),
        who("eve_x", "Ève", "von Berg", json!({ "federatedIdentities": [{ "identityProvider": "ext", "userId": "77" }] })),
        who("evexx", "Zoë", "İstanbul ß", json!({ "email": "50%off@x.org", "realmRoles": ["r"] })),
        record("mix case", json!({ "attributes": { "Team": ["red"], "team": ["x".repeat(300)] } })),
        record("service-account-app", json!({ "serviceAccountClientId": "app", "realmRoles": ["r"] })),
    ];
    assert_eq!(add(store, users).await, 9);
}

/// The usernames found, the count agreeing.
async fn names(store: &dyn Repository, query: &UserQuery) -> String {
    let rows = store.users(ACME, query).await.unwrap();
    let unbounded = UserQuery { first: 0, max: None, ..query.clone() };
    assert_eq!(store.count_users(ACME, query).await.unwrap(), store.users(ACME, &unbounded).await.unwrap().len() as u64);
    rows.iter().map(|row| row.record.username()).collect::<Vec<_>>().join(",")
}

async fn search(store: &dyn Repository, search: &str) -> String {
    names(store, &UserQuery { search: Some(search.to_owned()), ..UserQuery::default() }).await
}

const ALL: &str = "adam,adamina,bert,carl,dora,eve_x,evexx,mix case";

pub(crate) async fn by_words(made: &Made) {
    let store = &*made.store;
    people(store).await;
    let expected = [
        ("adam", "adam,adamina,bert"),
        ("ADAM", "adam,adamina,bert"),
        ("dam", ""),
        ("*dam*", "adam,adamina,bert"),
        ("*dam", "adam,adamina,bert"),
        ("a*m", "adam,adamina,bert"),
        ("\"adam\"", "adam"),
        ("\"ad*\"", ""),
        ("smith", "adam,dora"),
        ("adam zed", "adamina"),
        (" \t ", ALL),
        ("", ALL),
        ("*", ALL),
        ("mail.example", ""),
        ("*mail.example", "carl"),
        ("a%", ""),
        ("eve_", "eve_x"),
        ("e_e", ""),
        ("*ve_x*", "eve_x"),
        ("50%", "evexx"),
        ("\"dora anna\"", ""),
        ("berg", ""),
        ("\\", ""),
        ("b'", ""),
        ("\"dora", ""),
        ("service", ""),
    ];
    for (words, found) in expected {
        assert_eq!(search(store, words).await, found, "{words}");
    }
}

pub(crate) async fn by_fields(made: &Made) {
    let store = &*made.store;
    people(store).await;
    let part = UserQuery::default();
    let whole = UserQuery { matching: Matching::Whole, ..UserQuery::default() };
    let username = |of: &UserQuery, text: &str| UserQuery { username: Some(text.to_owned()), ..of.clone() };
    let email = |of: &UserQuery, text: &str| UserQuery { email: Some(text.to_owned()), ..of.clone() };
    let first = |of: &UserQuery, text: &str| UserQuery { first_name: Some(text.to_owned()), ..of.clone() };
    let last = |of: &UserQuery, text: &str| UserQuery { last_name: Some(text.to_owned()), ..of.clone() };
    let expected = [
        (username(&part, "dam"), "adam,adamina"),
        (username(&part, "e_e"), "eve_x,evexx"),
        (username(&part, "*"), ""),
        (username(&part, ""), ALL),
        (username(&part, "nobody"), ""),
        (username(&whole, "ADAM"), "adam"),
        (username(&whole, "mix case"), "mix case"),
        (email(&part, "mail.example"), "carl"),
        (email(&part, "%"), "adam,adamina,bert,carl,dora,eve_x,evexx"),
        (email(&whole, "Carl.a@mail.example"), "carl"),
        (first(&part, "anna"), "dora"),
        (first(&whole, "DORA ANNA"), "dora"),
        (first(&whole, "Ad"), ""),
        (last(&part, "smith"), "adam,dora"),
        (last(&whole, "smith"), "adam"),
        (last(&part, "ß"), "evexx"),
        (last(&part, "ss"), ""),
        (last(&first(&part, "adam"), "jones"), ""),
    ];
    for (query, found) in expected {
        assert_eq!(names(store, &query).await, found, "{query:?}");
    }
}

pub(crate) async fn by_flags(made: &Made) {
    let store = &*made.store;
    people(store).await;
    let flags = |enabled, email_verified| UserQuery { enabled, email_verified, ..UserQuery::default() };
    assert_eq!(names(store, &flags(Some(false), None)).await, "bert");
    assert_eq!(names(store, &flags(None, Some(true))).await, "adam,adamina,bert");
    assert_eq!(names(store, &flags(Some(true), Some(true))).await, "adam,adamina");
    let a = UserQuery { search: Some("a".to_owned()), ..flags(Some(false), None) };
    assert_eq!(names(store, &a).await, "bert");
}

pub(crate) async fn by_attributes(made: &Made) {
    let store = &*made.store;
    people(store).await;
    let having = |pairs: &[(&str, &str)]| UserQuery {
        attributes: pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..UserQuery::default()
    };
    assert_eq!(names(store, &having(&[("team", "RED")])).await, "adamina,dora");
    assert_eq!(names(store, &having(&[("team", "red"), ("team", "blue")])).await, "dora");
    assert_eq!(names(store, &having(&[("team", "re")])).await, "");
    assert_eq!(names(store, &having(&[("Team", "red")])).await, "mix case");
    assert_eq!(names(store, &having(&[("x y", "1 2")])).await, "dora");
    assert_eq!(names(store, &having(&[("none", "red")])).await, "");
    assert_eq!(names(store, &having(&[("team", &"X".repeat(300))])).await, "mix case");
}

pub(crate) async fn by_identity(made: &Made) {
    let store = &*made.store;
    people(store).await;
    let at = |provider: Option<&str>, user: Option<&str>| UserQuery {
        identity_provider: provider.map(str::to_owned),
        identity_provider_user: user.map(str::to_owned),
        ..UserQuery::default()
    };
    assert_eq!(names(store, &at(Some("ext"), None)).await, "eve_x");
    assert_eq!(names(store, &at(Some("ext"), Some("77"))).await, "eve_x");
    assert_eq!(names(store, &at(Some("ext"), Some("78"))).await, "");
    assert_eq!(names(store, &at(None, Some("77"))).await, "eve_x");
    assert_eq!(names(store, &at(None, Some("78"))).await, "");
    assert_eq!(names(store, &at(Some("nope"), None)).await, "");
}

pub(crate) async fn by_membership(made: &Made) {
    let store = &*made.store;
    people(store).await;
    let of = |key: Key, service_accounts| UserQuery { member_of: Some(key), service_accounts, ..UserQuery::default() };
    let role = || Key::of(Kind::RealmRole, "r");
    assert_eq!(names(store, &of(role(), ServiceAccounts::Leave)).await, "adamina,evexx");
    assert_eq!(names(store, &of(role(), ServiceAccounts::Include)).await, "adamina,evexx,service-account-app");
    assert_eq!(names(store, &of(Key::of(Kind::Group, "/g"), ServiceAccounts::Leave)).await, "carl");
    assert_eq!(names(store, &of(Key::of(Kind::Group, "r"), ServiceAccounts::Leave)).await, "");
}

pub(crate) async fn by_ids(made: &Made) {
    let store = &*made.store;
    people(store).await;
    let ids = |ids: &[String]| UserQuery { ids: ids.to_vec(), ..UserQuery::default() };
    assert_eq!(names(store, &ids(&[id_of("dora"), id_of("bert"), "unknown".to_owned(), id_of("bert")])).await, "bert,dora");
    assert_eq!(names(store, &ids(&["unknown".to_owned()])).await, "");
}

pub(crate) async fn in_pages(made: &Made) {
    let store = &*made.store;
    people(store).await;
    let page = |first, max| UserQuery { first, max, ..UserQuery::default() };
    assert_eq!(names(store, &page(0, None)).await, ALL);
    assert_eq!(names(store, &page(1, Some(2))).await, "adamina,bert");
    assert_eq!(names(store, &page(0, Some(0))).await, "");
    assert_eq!(names(store, &page(6, None)).await, "evexx,mix case");
    assert_eq!(names(store, &page(99, Some(5))).await, "");
    let a = UserQuery { search: Some("a".to_owned()), ..page(1, Some(1)) };
    assert_eq!(names(store, &a).await, "adamina");
    assert_eq!(store.users("nowhere", &page(0, None)).await.unwrap(), []);
    assert_eq!(store.count_users("nowhere", &page(0, None)).await.unwrap(), 0);
}

pub(crate) async fn after_a_username(made: &Made) {
    let store = &*made.store;
    people(store).await;
    let (mut after, mut all) = (None, Vec::new());
    loop {
        let query = UserQuery { after: after.take(), max: Some(3), ..UserQuery::default() };
        let page = store.users(ACME, &query).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.record.username().to_owned());
        all.extend(page.into_iter().map(|row| row.record.username().to_owned()));
    }
    assert_eq!(all.join(","), ALL);
}

pub(crate) async fn service_accounts_are_left_out(made: &Made) {
    let store = &*made.store;
    people(store).await;
    assert_eq!(names(store, &UserQuery::default()).await, ALL);
    let all = UserQuery { service_accounts: ServiceAccounts::Include, ..UserQuery::default() };
    assert_eq!(names(store, &all).await, format!("{ALL},service-account-app"));
    let by_name = UserQuery { username: Some("service".to_owned()), ..all };
    assert_eq!(names(store, &by_name).await, "service-account-app");
}

pub(crate) async fn any_case_of_any_script(made: &Made) {
    let store = &*made.store;
    people(store).await;
    for (words, found) in
        [("ÄRGER", "carl"), ("ève", "eve_x"), ("ÈVE", "eve_x"), ("İSTANBUL", "evexx"), ("istanbul", ""), ("zoË", "evexx")]
    {
        assert_eq!(search(store, words).await, found, "{words}");
    }
    let last = UserQuery { last_name: Some("ÄRGER".to_owned()), matching: Matching::Whole, ..UserQuery::default() };
    assert_eq!(names(store, &last).await, "carl");
}

pub(crate) async fn several_conditions_must_all_hold(made: &Made) {
    let store = &*made.store;
    people(store).await;
    let query = UserQuery {
        search: Some("*a* example".to_owned()),
        enabled: Some(true),
        attributes: vec![("team".to_owned(), "blue".to_owned())],
        last_name: Some("smith".to_owned()),
        ..UserQuery::default()
    };
    assert_eq!(names(store, &query).await, "");
    let query = UserQuery { search: Some("*a* smith".to_owned()), ..query };
    assert_eq!(names(store, &query).await, "adam,dora");
    let query = UserQuery { ids: vec![id_of("dora"), id_of("carl")], ..query };
    assert_eq!(names(store, &query).await, "dora");
}

/// So many that a store takes other ways to find them.
pub(crate) async fn among_many(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let user = |n: u32| {
        let team = if n % 1000 == 7 { "rare" } else { "common" };
        let more = json!({ "firstName": "Max", "lastName": format!("N{n:04}"), "email": format!("x{n:04}@x"),
            "attributes": { "team": [team] }, "realmRoles": ["r"], "groups": [format!("/{}", n % 500)] });
        record(&format!("u{n:04}"), more)
    };
    for chunk in 0..7 {
        add(store, (0..1000).map(|n| user(chunk * 1000 + n))).await;
    }
    let some = UserQuery { max: Some(2), ..UserQuery::default() };
    let search = |text: &str| UserQuery { search: Some(text.to_owned()), ..some.clone() };
    let team = |value: &str| UserQuery { attributes: vec![("team".to_owned(), value.to_owned())], ..some.clone() };
    let member = |key| UserQuery { member_of: Some(key), ..some.clone() };
    let expected = [
        (search("n5"), "u5000,u5001", 1000),
        (search("max"), "u0000,u0001", 7000),
        (search("*99@*"), "u0099,u0199", 70),
        (search("*a*"), "u0000,u0001", 7000),
        (search("max \"n0003\""), "u0003", 1),
        (team("rare"), "u0007,u1007", 7),
        (team("common"), "u0000,u0001", 6993),
        (member(Key::of(Kind::RealmRole, "r")), "u0000,u0001", 7000),
        (member(Key::of(Kind::Group, "/499")), "u0499,u0999", 14),
        (UserQuery { username: Some("699".to_owned()), ..some.clone() }, "u0699,u1699", 17),
        (UserQuery { first_name: Some("a".to_owned()), first: 6998, ..some.clone() }, "u6998,u6999", 7000),
        (UserQuery { enabled: Some(false), ..some.clone() }, "", 0),
        (UserQuery { after: Some("u6998".to_owned()), ..search("max") }, "u6999", 1),
    ];
    for (query, found, count) in expected {
        assert_eq!(names(store, &query).await, found, "{query:?}");
        assert_eq!(store.count_users(ACME, &query).await.unwrap(), count, "{query:?}");
    }
}
