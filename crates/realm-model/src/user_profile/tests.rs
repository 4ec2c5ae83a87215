use super::*;

#[test]
fn the_default_profile_asks_for_names_and_address_but_not_in_master() {
    let profile = UserProfileConfig::built_in("acme");
    let names: Vec<_> =
        profile.attributes.iter().map(|attribute| (attribute.name.as_str(), attribute.is_required_of_users())).collect();
    assert_eq!(names, [("username", false), ("email", true), ("firstName", true), ("lastName", true)]);
    let username = profile.attribute("username").unwrap();
    let validators: Vec<_> = username.validations.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(validators, ["length", "username-prohibited-characters", "up-username-not-idn-homograph"]);
    assert_eq!(username.permissions.as_ref().unwrap().edit, ["admin", "user"]);
    assert!(UserProfileConfig::built_in("master").attributes.iter().all(|attribute| attribute.required.is_none()));
}

#[test]
fn what_is_of_a_wrong_type_counts_as_absent() {
    let body: Body =
        serde_json::from_str(r#"{"attributes": [{"name": 5, "validations": {"length": 3, "email": {}}}, 7], "groups": {}}"#)
            .unwrap();
    let profile = UserProfileConfig::of(&body);
    assert_eq!((profile.attributes.len(), profile.attributes[0].validations.len(), profile.groups.len()), (1, 1, 0));
}
