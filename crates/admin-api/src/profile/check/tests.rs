use super::*;

fn body(value: Value) -> Body {
    value.as_object().unwrap().clone()
}

fn profile(extra: Value, unmanaged: Option<&str>) -> Profile {
    let mut profile = super::super::default_body();
    let attributes = profile.get_mut("attributes").and_then(Value::as_array_mut).unwrap();
    attributes.extend(extra.as_array().unwrap().iter().cloned());
    if let Some(policy) = unmanaged {
        profile.insert("unmanagedAttributePolicy".to_owned(), policy.into());
    }
    Profile::new(profile)
}

fn outcome(profile: &Profile, settings: Value, given: Value, before: Option<Value>) -> Value {
    let before = before.map(|before| UserRecord(body(before)));
    let wanted = work_out((profile, &body(settings)), (&body(given), before.as_ref()));
    match wanted.refuse_faults() {
        Ok(()) => {
            let mut user = before.map(|user| user.0).unwrap_or_default();
            wanted.put_into(&mut user);
            Value::Object(user)
        }
        Err(error) => error.wire().1,
    }
}

#[test]
fn new_users_are_refused_in_the_words_of_the_real_server() {
    let fault = |field: &str, words: &str, rest: &[Value]| {
        let params: Vec<Value> = std::iter::once(json!(field)).chain(rest.iter().cloned()).collect();
        json!({ "field": field, "errorMessage": words, "params": params })
    };
    let short = fault("username", "error-invalid-length", &[json!(3), json!(255)]);
    let no_mail = fault("email", "error-invalid-email", &[json!("no-mail")]);
    for (given, expected) in [
        (json!({}), json!({"errorMessage": "User name is missing"})),
        (json!({"username": "  "}), json!({"errorMessage": "User name is missing"})),
        (json!({"username": "ab"}), short.clone()),
        (json!({"username": "a<b>"}), fault("username", "error-username-invalid-character", &[])),
        (json!({"username": "abc", "email": "no-mail"}), no_mail.clone()),
        (json!({"username": "ab", "email": "no-mail"}), json!({"errors": [no_mail, short]})),
        (json!({"username": "abc", "firstName": "<script>"}), fault("firstName", "error-person-name-invalid-character", &[])),
        (json!({"username": "x".repeat(256)}), fault("username", "error-invalid-length", &[json!(3), json!(255)])),
        (
            json!({"username": "abc", "lastName": "x".repeat(256)}),
            fault("lastName", "error-invalid-length-too-long", &[Value::Null, json!(255)]),
        ),
        (json!({"username": "ABC", "email": "A@B.de", "firstName": " "}), json!({"username": "abc", "email": "a@b.de"})),
    ] {
        assert_eq!(outcome(&profile(json!([]), None), json!({}), given.clone(), None), expected, "{given}");
    }
}

#[test]
fn a_put_merges_as_on_the_real_server() {
    let before = json!({"username": "ann", "email": "a@b.c", "firstName": "A", "attributes": {"a": ["1"]}});
    for (policy, given, expected) in [
        (None, json!({}), before.clone()),
        (None, json!({"firstName": null, "email": null}), before.clone()),
        (None, json!({"firstName": "", "email": ""}), json!({"username": "ann", "attributes": {"a": ["1"]}})),
        (None, json!({"attributes": {}}), json!({"username": "ann", "attributes": {"a": ["1"]}})),
        (Some("ADMIN_VIEW"), json!({"attributes": {"a": ["2"]}}), json!({"username": "ann", "attributes": {"a": ["1"]}})),
        (Some("ENABLED"), json!({"attributes": {}}), json!({"username": "ann"})),
        (
            Some("ENABLED"),
            json!({"firstName": "B"}),
            json!({"username": "ann", "email": "a@b.c", "firstName": "B", "attributes": {"a": ["1"]}}),
        ),
        (
            Some("ADMIN_EDIT"),
            json!({"attributes": {"b": ["", "x"], "firstName": ["F"], "email": ["x@y.z"]}}),
            json!({"username": "ann", "firstName": "F", "attributes": {"b": ["x"]}}),
        ),
        (None, json!({"username": "ANN"}), before.clone()),
        (None, json!({"username": ""}), json!({"errorMessage": "User name is missing"})),
        (
            None,
            json!({"username": "bob"}),
            json!({"field": "username", "errorMessage": "error-user-attribute-read-only", "params": ["username"]}),
        ),
    ] {
        let found = outcome(&profile(json!([]), policy), json!({}), given.clone(), Some(before.clone()));
        assert_eq!(found, expected, "{policy:?} {given}");
    }
}

#[test]
fn own_attributes_are_checked_by_their_rules() {
    let admin = json!({"view": ["admin"], "edit": ["admin"]});
    let dept = json!({"name": "dept", "required": {"roles": ["admin"]}, "permissions": admin,
        "validations": {"length": {"min": 2, "max": 5}, "pattern": {"pattern": "^[a-z]+$", "error-message": "bad-dept"}}});
    let fixed = json!({"name": "fixed", "permissions": {"view": ["admin"], "edit": ["user"]}});
    let list = json!({"name": "list", "multivalued": true, "permissions": admin, "validations": {"multivalued": {"max": 2}}});
    let default = json!({"name": "plain", "permissions": admin, "defaultValue": "dv"});
    let profile = profile(json!([dept, fixed, list, default]), None);
    let new = |attributes: Value| outcome(&profile, json!({}), json!({"username": "ann", "attributes": attributes}), None);
    let words = |attributes: Value| {
        let told = new(attributes);
        (told["errorMessage"].clone(), told["params"].clone())
    };
    assert_eq!(words(json!({})), (json!("error-user-attribute-required"), json!(["dept"])));
    assert_eq!(words(json!({"dept": [" "]})), (json!("error-user-attribute-required"), json!(["dept"])));
    assert_eq!(words(json!({"dept": ["x"]})), (json!("error-invalid-length"), json!(["dept", 2, 5])));
    assert_eq!(words(json!({"dept": ["AB"]})), (json!("bad-dept"), json!(["dept", "^[a-z]+$"])));
    assert_eq!(words(json!({"dept": ["ops", "dev"]})), (json!("error-invalid-multivalued-size"), json!(["dept", 1, 1])));
    assert_eq!(
        words(json!({"dept": ["ops"], "list": ["a", "b", "c"]})),
        (json!("error-invalid-multivalued-size"), json!(["list", 0, 2]))
    );
    let made = new(json!({"dept": ["ops"], "other": ["x"], "fixed": ["v"], "list": ["a", "b"]}));
    let attributes = json!({"dept": ["ops"], "list": ["a", "b"], "plain": ["dv"]});
    assert_eq!(made, json!({"username": "ann", "attributes": attributes}));
    let put = |given: Value| outcome(&profile, json!({}), given, Some(made.clone()));
    assert_eq!(put(json!({"firstName": "B"}))["attributes"], attributes);
    assert_eq!(put(json!({"attributes": {}}))["errorMessage"], "error-user-attribute-required");
    let fixed = put(json!({"attributes": {"dept": ["ops"], "fixed": ["v"]}}));
    assert_eq!((&fixed["errorMessage"], &fixed["field"]), (&json!("error-user-attribute-read-only"), &json!("fixed")));
}

#[test]
fn the_username_can_be_the_e_mail_address() {
    let settings = json!({"registrationEmailAsUsername": true});
    let before = json!({"username": "a@b.c", "email": "a@b.c"});
    for (given, before, expected) in [
        (
            json!({"email": "Cid@Example.org", "username": "other"}),
            None,
            json!({"username": "cid@example.org", "email": "cid@example.org"}),
        ),
        (
            json!({"username": "only"}),
            None,
            json!({"field": "email", "errorMessage": "error-user-attribute-required", "params": ["email"]}),
        ),
        (json!({}), None, json!({"errorMessage": "User name is missing"})),
        (json!({"email": "n@b.c"}), Some(&before), json!({"username": "n@b.c", "email": "n@b.c"})),
        (json!({"username": "zz"}), Some(&before), before.clone()),
        (json!({"username": ""}), Some(&before), before.clone()),
        (json!({"email": ""}), Some(&before), json!({"errorMessage": "User name is missing"})),
    ] {
        assert_eq!(outcome(&profile(json!([]), None), settings.clone(), given.clone(), before.cloned()), expected, "{given}");
    }
}

#[test]
fn a_username_that_may_be_changed_is_checked_again_and_must_be_given_with_attributes() {
    let (settings, before) = (json!({"editUsernameAllowed": true}), json!({"username": "a b"}));
    let wrong = json!({"field": "username", "errorMessage": "error-username-invalid-character", "params": ["username"]});
    for (given, expected) in [
        (json!({}), wrong.clone()),
        (json!({"username": "a b"}), wrong),
        (json!({"attributes": {}}), json!({"errorMessage": "User name is missing"})),
        (json!({"username": "Bob", "attributes": {}}), json!({"username": "bob"})),
    ] {
        let found = outcome(&profile(json!([]), None), settings.clone(), given.clone(), Some(before.clone()));
        assert_eq!(found, expected, "{given}");
    }
}
