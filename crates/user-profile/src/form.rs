use realm_model::document::Body;
use realm_model::{ProfileAttribute, ProfileGroup, User};
use serde_json::Value;

use crate::context::Access;
use crate::{Context, Demand, UserProfile, Viewer};

/// An attribute as a form shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct FormAttribute<'p> {
    /// Its name: that of the field.
    pub name: &'p str,
    /// What it is called, may be `${key}` of a message.
    pub display_name: String,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it is only shown.
    pub read_only: bool,
    /// Whether it may have several values.
    pub multivalued: bool,
    /// What the user has, or what a new user is given.
    pub values: Vec<String>,
    /// `annotations`: how it looks.
    pub annotations: &'p Body,
    /// `inputType` of the annotations, such as `select`, `textarea`, `html5-date`.
    pub input_type: Option<&'p str>,
    /// What can be chosen from.
    pub options: Vec<&'p str>,
    /// The group it is shown in.
    pub group: Option<&'p ProfileGroup>,
    /// The word for `autocomplete` of the field.
    pub autocomplete: Option<&'p str>,
}

impl<'r> UserProfile<'r> {
    /// The attributes of a form, in the order of the profile. On the registration page only those that can be filled in.
    pub fn form_attributes(&self, context: Context, viewer: &Viewer<'_>, user: Option<&User>) -> Vec<FormAttribute<'r>> {
        let config = self.config();
        let shown = self.selected(context, viewer, user).filter(|(_, access, _)| match context {
            Context::Registration => *access == Access::Editable,
            _ => true,
        });
        let form = |(attribute, access, demand): (&ProfileAttribute, Access, Demand)| {
            // The same attribute, for as long as the realm lives.
            let attribute = config.attribute(&attribute.name)?;
            Some(FormAttribute {
                name: &attribute.name,
                display_name: display_name(attribute),
                required: demand == Demand::Required,
                read_only: access == Access::ReadOnly,
                multivalued: attribute.multivalued,
                values: values(attribute, user),
                annotations: &attribute.annotations,
                input_type: annotation(attribute, "inputType"),
                options: options(attribute),
                group: config.groups.iter().find(|group| Some(&group.name) == attribute.group.as_ref()),
                autocomplete: annotation(attribute, "autocomplete").or(match attribute.name.as_str() {
                    "username" => Some("username"),
                    "email" => Some("email"),
                    _ => None,
                }),
            })
        };
        shown.filter_map(form).collect()
    }
}

/// What an attribute is called. Keycloak: username and e-mail address have a message of their own.
fn display_name(attribute: &ProfileAttribute) -> String {
    let own = || match attribute.name.as_str() {
        name @ ("username" | "email") => format!("${{{name}}}"),
        name => name.to_owned(),
    };
    attribute.display_name.clone().unwrap_or_else(own)
}

fn values(attribute: &ProfileAttribute, user: Option<&User>) -> Vec<String> {
    match user {
        Some(user) => crate::judge::values_of(user, &attribute.name),
        None => attribute.default_value.iter().cloned().collect(),
    }
}

fn annotation<'p>(attribute: &'p ProfileAttribute, name: &str) -> Option<&'p str> {
    attribute.annotations.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Those of the validator `options`, or of the one that the annotation `inputOptionsFromValidation` names.
fn options(attribute: &ProfileAttribute) -> Vec<&str> {
    let validator = annotation(attribute, "inputOptionsFromValidation").unwrap_or("options");
    let config = attribute.validations.iter().find(|(id, _)| id == validator).map(|(_, config)| config);
    let options = config.and_then(|config| config.get("options")).and_then(Value::as_array).into_iter().flatten();
    options.filter_map(Value::as_str).collect()
}
