use std::collections::BTreeMap;

use realm_model::document::Body;
use realm_model::file::{SourceFile, read};
use serde_json::{Value, json};

use super::*;
use realm_model::{User, compile};

/// A realm with these members, its profile the default one with more attributes.
fn realm(mut members: Value, more: Value, policy: Option<&str>) -> Realm {
    let mut profile: Value = serde_json::from_str(UserProfileConfig::DEFAULT_JSON).unwrap();
    profile["attributes"].as_array_mut().unwrap().extend(more.as_array().unwrap().iter().cloned());
    if let Some(policy) = policy {
        profile["unmanagedAttributePolicy"] = policy.into();
    }
    let component =
        json!({"providerId": "declarative-user-profile", "config": {"kc.user.profile.config": [profile.to_string()]}});
    members["realm"] = "r".into();
    members["components"] = json!({"org.keycloak.userprofile.UserProfileProvider": [component]});
    let bytes = members.to_string().into_bytes();
    read(&[SourceFile { name: "r.json".to_owned(), bytes }], &|_| None).realms.pop().unwrap().realm
}

fn plain() -> Realm {
    realm(json!({}), json!([]), None)
}

fn user(realm: &Realm, more: Value) -> User {
    let mut body = json!({"id": "u-1", "username": "una", "email": "una@example.org", "firstName": "Una", "lastName": "User"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    compile::user(&realm_model::document::UserRecord(body.as_object().unwrap().clone()), realm)
}

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect()
}

const FILLED: [(&str, &str); 4] =
    [("username", "Reg"), ("email", "Reg@Example.org"), ("firstName", "Reg"), ("lastName", "Istered")];

fn registered(realm: &Realm, changes: &[(&str, &str)]) -> Result<Judged, Vec<ProfileFault>> {
    let mut submitted = values(&FILLED);
    submitted.extend(values(changes));
    UserProfile::of(realm).judge(Context::Registration, &Viewer::USER, &submitted, None)
}

fn told(judged: Result<Judged, Vec<ProfileFault>>) -> Vec<(String, Vec<String>)> {
    judged.unwrap_err().into_iter().map(|fault| (fault.message.clone(), fault.arguments(&fault.attribute))).collect()
}

#[test]
fn who_registers_has_what_was_filled_in_and_nothing_else() {
    let judged = registered(&plain(), &[("role", "admin"), ("emailVerified", "true"), ("user.attributes.x", "1")]).unwrap();
    assert_eq!((judged.username(), judged.email()), (Some("reg"), Some("reg@example.org")));
    let mut body = Body::new();
    judged.put_into(&mut body);
    let expected =
        json!({"email": "reg@example.org", "emailVerified": false, "firstName": "Reg", "lastName": "Istered", "username": "reg"});
    assert_eq!(Value::Object(body), expected);
}

#[test]
fn what_is_wrong_is_said_under_keycloaks_keys() {
    let realm = plain();
    let long = "x".repeat(300);
    for (change, message, arguments) in [
        (("email", "nope"), "error-invalid-email", vec!["email", "nope"]),
        (("username", "a b<c>"), "error-username-invalid-character", vec!["username"]),
        (("username", "ab"), "error-invalid-length", vec!["username", "3", "255"]),
        (("firstName", "<b>x</b>"), "error-person-name-invalid-character", vec!["firstName"]),
        (("lastName", long.as_str()), "error-invalid-length-too-long", vec!["lastName", "", "255"]),
        (("username", ""), "missingUsernameMessage", vec!["username"]),
        (("email", " "), "missingEmailMessage", vec!["email"]),
        (("lastName", ""), "error-user-attribute-required", vec!["lastName"]),
    ] {
        let expected = (message.to_owned(), arguments.into_iter().map(str::to_owned).collect());
        assert_eq!(told(registered(&realm, &[change])), [expected], "{change:?}");
    }
    let nothing = UserProfile::of(&realm).judge(Context::Registration, &Viewer::USER, &Values::new(), None);
    let keys: Vec<_> = told(nothing).into_iter().map(|(message, _)| message).collect();
    let missing = "error-user-attribute-required";
    assert_eq!(keys, ["missingUsernameMessage", "missingEmailMessage", missing, missing]);
}

#[test]
fn where_addresses_are_usernames_nobody_is_asked_for_one() {
    let realm = realm(json!({"registrationEmailAsUsername": true}), json!([]), None);
    let profile = UserProfile::of(&realm);
    let names = |context, user: Option<&User>| -> Vec<_> {
        profile.form_attributes(context, &Viewer::USER, user).into_iter().map(|one| (one.name, one.read_only)).collect()
    };
    assert_eq!(names(Context::Registration, None), [("email", false), ("firstName", false), ("lastName", false)]);
    assert_eq!(registered(&realm, &[("username", "evil")]).unwrap().username(), Some("reg@example.org"));
    let una = user(&realm, json!({}));
    assert_eq!(names(Context::UpdateProfile, Some(&una)), [("firstName", false), ("lastName", false)]);
    let account = [("username", true), ("email", true), ("firstName", false), ("lastName", false)];
    assert_eq!(names(Context::Account, Some(&una)), account);
}

#[test]
fn a_username_is_changed_where_the_realm_allows_it() {
    for (allowed, expected) in [(false, None), (true, Some("other"))] {
        let realm = realm(json!({"editUsernameAllowed": allowed}), json!([]), None);
        let una = user(&realm, json!({}));
        let mut submitted = values(&FILLED);
        submitted.extend(values(&[
            ("username", "Other"),
            ("email", "una@example.org"),
            ("firstName", "Una"),
            ("lastName", "New"),
        ]));
        let judged = UserProfile::of(&realm).judge(Context::UpdateProfile, &Viewer::USER, &submitted, Some(&una)).unwrap();
        assert_eq!((judged.username(), judged.changed.get("lastName")), (expected, Some(&vec!["New".to_owned()])));
        assert!(judged.email().is_none(), "the same address is no change");
        let form = UserProfile::of(&realm).form_attributes(Context::UpdateProfile, &Viewer::USER, Some(&una));
        assert_eq!(form.iter().any(|attribute| attribute.name == "username"), allowed);
    }
}

#[test]
fn with_the_action_update_email_an_address_is_changed_by_it_alone() {
    let action = json!([{"alias": "UPDATE_EMAIL", "providerId": "UPDATE_EMAIL", "enabled": true}]);
    let realm = realm(json!({"requiredActions": action}), json!([]), None);
    let profile = UserProfile::of(&realm);
    let una = user(&realm, json!({}));
    let names = |context, user: &User| -> Vec<String> {
        profile.form_attributes(context, &Viewer::USER, Some(user)).iter().map(|one| one.name.to_owned()).collect()
    };
    assert_eq!(names(Context::UpdateProfile, &una), ["firstName", "lastName"]);
    assert_eq!(names(Context::UpdateEmail, &una), ["email"]);
    let without = user(&realm, json!({"email": null}));
    assert_eq!(names(Context::UpdateProfile, &without), ["email", "firstName", "lastName"]);
    let judged = profile.judge(Context::UpdateEmail, &Viewer::USER, &values(&[("email", "New@x.org")]), Some(&una)).unwrap();
    assert_eq!(judged.changed, BTreeMap::from([("email".to_owned(), vec!["new@x.org".to_owned()])]));
}

fn own_attributes() -> Value {
    let both = json!(["admin", "user"]);
    json!([
        {"name": "shown", "permissions": {"view": both, "edit": ["admin"]}},
        {"name": "hidden", "permissions": {"view": ["admin"], "edit": ["admin"]}},
        {"name": "nobodys"},
        {"name": "phone", "permissions": {"view": both, "edit": both}, "selector": {"scopes": ["phone"]}},
        {"name": "nick", "permissions": {"view": both, "edit": both}, "required": {"scopes": ["profile"]}},
        {"name": "colour", "permissions": {"view": both, "edit": both}, "multivalued": true, "group": "user-metadata",
         "defaultValue": "red", "annotations": {"inputType": "multiselect"}, "validations": {"options": {"options": ["red", "blue"]}}}
    ])
}

#[test]
fn users_see_and_change_what_the_profile_permits() {
    let realm = realm(json!({}), own_attributes(), None);
    let profile = UserProfile::of(&realm);
    let una = user(&realm, json!({"attributes": {"shown": ["1"], "hidden": ["2"]}}));
    let form = |viewer: &Viewer<'_>| -> Vec<(String, bool, bool)> {
        let form = profile.form_attributes(Context::UpdateProfile, viewer, Some(&una));
        form.iter().map(|one| (one.name.to_owned(), one.read_only, one.required)).skip(3).collect()
    };
    let row = |name: &str, read_only: bool, required: bool| (name.to_owned(), read_only, required);
    assert_eq!(form(&Viewer::USER), [row("shown", true, false), row("nick", false, false), row("colour", false, false)]);
    let scopes = ["phone", "profile"];
    let viewer = Viewer { role: Role::User, scopes: &scopes };
    let expected = [row("shown", true, false), row("phone", false, false), row("nick", false, true), row("colour", false, false)];
    assert_eq!(form(&viewer), expected);
    let mut submitted = values(&[("email", "una@example.org"), ("firstName", "Una"), ("lastName", "User")]);
    submitted.extend(values(&[
        ("shown", "9"),
        ("hidden", "9"),
        ("nobodys", "9"),
        ("nick", "n"),
        ("colour", "blue"),
        ("ENABLED", "x"),
    ]));
    let judged = profile.judge(Context::UpdateProfile, &viewer, &submitted, Some(&una)).unwrap();
    assert_eq!(judged.changed, values(&[("nick", "n"), ("colour", "blue")]));
    let refused = profile.judge(Context::Account, &Viewer::USER, &submitted, Some(&una));
    assert_eq!(told(refused), [("error-user-attribute-read-only".to_owned(), vec!["shown".to_owned()])]);
}

#[test]
fn a_form_knows_how_an_attribute_looks() {
    let realm = realm(json!({}), own_attributes(), None);
    let form = UserProfile::of(&realm).form_attributes(Context::Registration, &Viewer::USER, None);
    let colour = form.iter().find(|one| one.name == "colour").unwrap();
    assert_eq!(
        (colour.input_type, &colour.options, &colour.values),
        (Some("multiselect"), &vec!["red", "blue"], &vec!["red".to_owned()])
    );
    assert_eq!((colour.group.unwrap().name.as_str(), colour.multivalued), ("user-metadata", true));
    assert!(form.iter().all(|one| one.name != "shown"), "what cannot be filled in is not on the registration page");
    let email = form.iter().find(|one| one.name == "email").unwrap();
    assert_eq!((email.display_name.as_str(), email.autocomplete, email.required), ("${email}", Some("email"), true));
}

#[test]
fn attributes_that_the_profile_does_not_name_follow_its_policy() {
    for (policy, expected) in [(None, 0), (Some("ADMIN_EDIT"), 0), (Some("ENABLED"), 1)] {
        let realm = realm(json!({}), json!([]), policy);
        let judged = registered(&realm, &[("user.attributes.x", "1"), ("bare", "2"), ("user.attributes.LDAP_ID", "3")]).unwrap();
        assert_eq!(judged.changed.len() - 4, expected, "{policy:?}");
        assert!(!judged.changed.contains_key("bare") && !judged.changed.contains_key("LDAP_ID"));
    }
    let realm = realm(json!({}), json!([]), Some("ENABLED"));
    let long = "x".repeat(2049);
    let expected = ("error-invalid-length".to_owned(), ["x", "0", "2048"].map(str::to_owned).to_vec());
    assert_eq!(told(registered(&realm, &[("user.attributes.x", &long)])), [expected]);
}

#[test]
fn an_attribute_that_is_emptied_goes() {
    let realm = realm(json!({}), own_attributes(), None);
    let una = user(&realm, json!({"attributes": {"colour": ["red"], "shown": ["1"]}}));
    let submitted = values(&[("email", "una@example.org"), ("firstName", "Una"), ("lastName", "User"), ("colour", "")]);
    let judged = UserProfile::of(&realm).judge(Context::UpdateProfile, &Viewer::USER, &submitted, Some(&una)).unwrap();
    let mut body = json!({"attributes": {"colour": ["red"], "shown": ["1"]}, "emailVerified": true}).as_object().unwrap().clone();
    judged.put_into(&mut body);
    assert_eq!(Value::Object(body), json!({"attributes": {"shown": ["1"]}, "emailVerified": true}));
}
