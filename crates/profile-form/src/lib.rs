//! From the user profile to the fields of a page, and back: of logins, of registrations and of the account page.

use std::collections::BTreeMap;

use login_pages::{FieldFault, Message, ProfileField, ProfileGroup, ProfileOption};
use oidc_types::Params;
use realm_model::{Realm, User};
use serde_json::Value;
use user_profile::{Context, FormAttribute, ProfileFault, UserProfile, Values, Viewer};

/// The fields of a form; `sent`: what was sent and is shown again.
pub fn fields(
    realm: &Realm,
    (context, viewer): (Context, &Viewer<'_>),
    user: Option<&User>,
    sent: Option<&Params>,
) -> Vec<ProfileField> {
    let attributes = UserProfile::of(realm).form_attributes(context, viewer, user);
    attributes.into_iter().map(|attribute| field(attribute, sent)).collect()
}

fn field(attribute: FormAttribute<'_>, sent: Option<&Params>) -> ProfileField {
    let annotation = |name: &str| attribute.annotations.get(name).and_then(Value::as_str).map(str::to_owned);
    let label_of = |value: &str| {
        let labels = attribute.annotations.get("inputOptionLabels").and_then(Value::as_object);
        let own = labels.and_then(|labels| labels.get(value)).and_then(Value::as_str);
        own.unwrap_or(value).to_owned()
    };
    let values = match sent {
        Some(form) if !attribute.read_only => form.get_all(attribute.name).map(str::to_owned).collect(),
        _ => attribute.values.clone(),
    };
    ProfileField {
        name: attribute.name.to_owned(),
        label: attribute.display_name.clone(),
        values,
        required: attribute.required,
        read_only: attribute.read_only,
        multivalued: attribute.multivalued,
        autocomplete: attribute.autocomplete.map(str::to_owned),
        input_type: attribute.input_type.unwrap_or_default().to_owned(),
        options: attribute
            .options
            .iter()
            .map(|value| ProfileOption { value: (*value).to_owned(), label: label_of(value) })
            .collect(),
        attributes: attribute
            .annotations
            .iter()
            .filter_map(|(name, value)| {
                let name = name.strip_prefix("inputType")?;
                Some((lower(name), value.as_str()?.to_owned())).filter(|(name, _)| !name.is_empty())
            })
            .collect(),
        help_before: annotation("inputHelperTextBefore").unwrap_or_default(),
        help_after: annotation("inputHelperTextAfter").unwrap_or_default(),
        group: attribute.group.map(|group| ProfileGroup {
            header: group.display_header.clone().unwrap_or_else(|| group.name.clone()),
            description: group.display_description.clone().unwrap_or_default(),
        }),
    }
}

/// `Placeholder` of `inputTypePlaceholder` as the name of an HTML attribute.
fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// What was sent: a field that the profile does not know is not looked at.
pub fn values(form: &Params) -> Values {
    let mut values = BTreeMap::new();
    for (name, value) in form.iter() {
        values.entry(name.to_owned()).or_insert_with(Vec::new).push(value.to_owned());
    }
    values
}

/// What is wrong, each at its field. An attribute is named as people know it.
pub fn faults(realm: &Realm, faults: &[ProfileFault]) -> Vec<FieldFault> {
    let name_of = |attribute: &str| {
        let config = realm.user_profile.attribute(attribute);
        config.and_then(|config| config.display_name.clone()).unwrap_or_else(|| attribute.to_owned())
    };
    let fault = |fault: &ProfileFault| {
        let arguments = fault.arguments(&name_of(&fault.attribute));
        let message = arguments.into_iter().fold(Message::error(fault.message.clone()), Message::with);
        FieldFault::new(fault.attribute.clone(), message)
    };
    faults.iter().map(fault).collect()
}
