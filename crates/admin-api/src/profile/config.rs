//! A profile that is to be written: what is refused of it, and how it is shown (recordings admin-users/{attributes-unmanaged,
//! profile-attribute-validation}).

use oidc_types::java_pattern::Pattern;
use realm_model::document::{Body, Documents, Kind};
use serde_json::{Value, json};
use user_profile::is_known_validator;

use crate::body::{object, text, texts};
use crate::error::AdminError;
use crate::json::JsonError;
use crate::merge::without_nulls;

const POLICIES: [&str; 3] = ["ENABLED", "ADMIN_EDIT", "ADMIN_VIEW"];
const ROLES: [&str; 2] = ["admin", "user"];

/// Refuses a profile that cannot be.
///
/// # Errors
/// All that is wrong, in one text.
pub(crate) fn refuse_invalid(profile: &Body, documents: &Documents) -> Result<(), AdminError> {
    if text(profile, "unmanagedAttributePolicy").is_some_and(|policy| !POLICIES.contains(&policy)) {
        return Err(JsonError::WrongShape.into());
    }
    let groups: Vec<&Body> = objects(profile, "groups").collect();
    let mut wrong = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for attribute in objects(profile, "attributes") {
        let Some(name) = text(attribute, "name").filter(|name| !name.is_empty()) else {
            wrong.push("Attribute configuration without 'name' is not allowed".to_owned());
            continue;
        };
        if names.contains(&name) {
            wrong.push(format!("Attribute configuration already exists with 'name':'{name}'"));
            continue;
        }
        names.push(name);
        attribute_faults(&mut wrong, (name, attribute), &groups, documents);
    }
    let given = profile.get("attributes").is_some_and(Value::is_array);
    for name in ["username", "email"].into_iter().filter(|name| given && !names.contains(name)) {
        wrong.push(format!("The attribute '{name}' can not be removed"));
    }
    let nameless = groups.iter().filter(|group| text(group, "name").is_none_or(str::is_empty)).count();
    if nameless > 0 {
        wrong.push(format!("Name is mandatory for groups, found {nameless} group(s) without name."));
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(AdminError::message(400, format!("[{}]", wrong.join(", ")))),
    }
}

fn objects<'b>(body: &'b Body, member: &str) -> impl Iterator<Item = &'b Body> {
    body.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn attribute_faults(wrong: &mut Vec<String>, (name, attribute): (&str, &Body), groups: &[&Body], documents: &Documents) {
    if name.chars().any(|letter| !(letter.is_ascii_alphanumeric() || "._-".contains(letter))) {
        // Keycloak: the quote is theirs.
        wrong.push(format!("Invalid attribute name (only letters, numbers and '.' '_' '-' special characters allowed): {name}'"));
    }
    for (id, config) in object(attribute, "validations").into_iter().flatten() {
        match config.as_object() {
            _ if !is_known_validator(id) => wrong.push(format!("Validator '{id}' defined for attribute '{name}' doesn't exist")),
            Some(config) => wrong.extend(validator_faults((id, config), name)),
            None => {}
        }
    }
    let mut unsupported = |member: &str, list: &str, what: &str, known: &dyn Fn(&str) -> bool| {
        let values = object(attribute, member).into_iter().flat_map(|of| texts(of, list));
        wrong.extend(values.filter(|value| !known(value)).map(|value| {
            format!("'{member}.{list}' configuration for attribute '{name}' contains unsupported {what} '{value}'")
        }));
    };
    let is_role = |role: &str| ROLES.contains(&role);
    let is_scope = |scope: &str| documents.named(Kind::ClientScope, scope).is_some();
    unsupported("permissions", "view", "role", &is_role);
    unsupported("permissions", "edit", "role", &is_role);
    unsupported("required", "roles", "role", &is_role);
    unsupported("required", "scopes", "scope", &is_scope);
    unsupported("selector", "scopes", "scope", &is_scope);
    if let Some(group) = text(attribute, "group").filter(|group| groups.iter().all(|known| text(known, "name") != Some(*group))) {
        wrong.push(format!("Attribute '{name}' references unknown group '{group}'"));
    }
}

/// What is wrong with the configuration of a validator: where, in which word, with which parameters.
fn validator_faults((id, config): (&str, &Body), attribute: &str) -> Option<String> {
    const MISSING: &str = "error-validator-config-missing-value";
    const INVALID: &str = "error-validator-config-invalid-value";
    const NO_NUMBER: &str = "error-validator-config-invalid-number-value";
    let mut faults: Vec<(&str, &str, String)> = Vec::new();
    let given = |name: &str| config.get(name).filter(|value| !value.is_null());
    match id {
        "length" | "integer" | "double" | "multivalued" => {
            if id == "length" && given("min").is_none() && given("max").is_none() {
                faults.extend(["min", "max"].map(|name| (name, MISSING, String::new())));
            }
            for name in ["min", "max"] {
                if let Some(value) = given(name).filter(|value| number(value).is_none()) {
                    faults.push((name, NO_NUMBER, value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
                }
            }
            if let (Some(least), Some(most)) = (given("min").and_then(number), given("max").and_then(number))
                && most < least
            {
                faults.push(("max", INVALID, String::new()));
            }
        }
        "pattern" => match text(config, "pattern") {
            None => faults.push(("pattern", MISSING, String::new())),
            Some(pattern) if Pattern::of(pattern).is_none() => faults.push(("pattern", INVALID, pattern.to_owned())),
            Some(_) => {}
        },
        "options" if given("options").is_none() => faults.push(("options", MISSING, String::new())),
        _ => {}
    }
    if faults.is_empty() {
        return None;
    }
    let told = faults.iter().map(|(hint, word, parameters)| {
        format!("ValidationError{{validatorId='{id}', inputHint='{hint}', message='{word}', messageParameters=[{parameters}]}}, ")
    });
    let told: String = told.collect();
    Some(format!("Validator '{id}' defined for attribute '{attribute}' has incorrect configuration: {told}"))
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
}

/// The profile as it is kept and shown.
pub(crate) fn complete(given: Body) -> Body {
    let mut profile = without_nulls(given);
    for attribute in profile.get_mut("attributes").and_then(Value::as_array_mut).into_iter().flatten() {
        let Value::Object(attribute) = attribute else { continue };
        *attribute = without_nulls(std::mem::take(attribute));
        attribute.entry("multivalued").or_insert(Value::Bool(false));
        if let Some(Value::Object(permissions)) = attribute.get_mut("permissions") {
            for list in ["view", "edit"] {
                permissions.entry(list).or_insert_with(|| json!([]));
            }
        }
    }
    for group in profile.get_mut("groups").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(group) = group {
            *group = without_nulls(std::mem::take(group));
        }
    }
    profile.entry("groups").or_insert_with(|| json!([]));
    profile
}
