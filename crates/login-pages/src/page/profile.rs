//! Forms made of the realm's user profile.

use std::borrow::Cow;

use serde::Serialize;

use super::{Initiated, PageKind, page};
use crate::{FieldFault, View};

/// One attribute of the user profile as a field. Texts may be `${key}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProfileField {
    /// The name of the attribute: name and id of the field.
    pub name: String,
    /// Its display name; empty: the name of the attribute.
    pub label: String,
    /// What stands in it already; several of a multivalued one.
    pub values: Vec<String>,
    /// Whether it has to be filled.
    pub required: bool,
    /// Whether it is only shown.
    pub read_only: bool,
    /// Whether it takes several values.
    pub multivalued: bool,
    /// The attribute `autocomplete`.
    pub autocomplete: Option<String>,
    /// Keycloak's annotation `inputType`: `text`, `html5-email`, `textarea`, `select`, `multiselect-checkboxes` …; empty: text.
    pub input_type: String,
    /// What can be chosen, for the types that choose.
    pub options: Vec<ProfileOption>,
    /// Attributes of the field out of annotations: `placeholder`, `maxlength`, `pattern` …, by their HTML names.
    pub attributes: Vec<(String, String)>,
    /// `inputHelperTextBefore`
    pub help_before: String,
    /// `inputHelperTextAfter`
    pub help_after: String,
    /// The heading above it, where a group begins.
    pub group: Option<ProfileGroup>,
}

/// One value that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileOption {
    /// What is sent.
    pub value: String,
    /// What is shown; `${key}` is looked up.
    pub label: String,
}

/// A group of attributes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileGroup {
    /// Its display name.
    pub header: String,
    /// Below it; may be empty.
    pub description: String,
}

/// What a field is in HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    Text,
    TextArea,
    Select,
    Radio,
    Checkboxes,
}

impl ProfileField {
    /// The element that its type asks for.
    pub(crate) fn control(&self) -> Control {
        match self.input_type.as_str() {
            "textarea" => Control::TextArea,
            "select" | "multiselect" => Control::Select,
            "select-radiobuttons" => Control::Radio,
            "multiselect-checkboxes" => Control::Checkboxes,
            _ => Control::Text,
        }
    }

    /// The `type` of an input: `html5-email` is `email`.
    pub(crate) fn html_type(&self) -> &str {
        match self.input_type.strip_prefix("html5-") {
            Some(kind) if !kind.is_empty() => kind,
            _ => "text",
        }
    }

    /// What is written above it.
    pub(crate) fn shown_label(&self) -> &str {
        if self.label.is_empty() { &self.name } else { &self.label }
    }

    /// Its values, an empty one where there is none.
    pub(crate) fn shown_values(&self) -> Vec<&str> {
        if self.values.is_empty() { vec![""] } else { self.values.iter().map(String::as_str).collect() }
    }

    /// Whether this option is chosen.
    pub(crate) fn has(&self, value: &str) -> bool {
        self.values.iter().any(|chosen| chosen == value)
    }

    /// Attributes that change how the field is typed in, never what it is.
    pub(crate) fn harmless_attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        const KNOWN: [&str; 12] = [
            "placeholder",
            "pattern",
            "size",
            "maxlength",
            "minlength",
            "max",
            "min",
            "step",
            "rows",
            "cols",
            "title",
            "inputmode",
        ];
        let pairs = self.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        pairs.filter(|(name, _)| KNOWN.contains(name) || name.starts_with("data-"))
    }
}

/// Where the password of a new user is typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordFields {
    /// Not asked for.
    #[default]
    None,
    /// Twice, after the name.
    Asked,
}

/// Self-registration (`#kc-register-form`).
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct RegisterPage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// `« Back to Login`
    pub login_url: &'a str,
    /// In the order of the profile.
    pub fields: &'a [ProfileField],
    /// Whether a password is asked for.
    pub password: PasswordFields,
    /// Whether the realm's terms have to be accepted here.
    pub terms: TermsBox,
    /// Of all fields.
    pub faults: &'a [FieldFault],
}

/// The box for the terms on the registration page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TermsBox {
    /// There is none.
    #[default]
    None,
    /// It has to be checked.
    Required,
}

page!(RegisterPage in "register.html", PageKind::form("register"), |_p, texts| texts.text("registerTitle"));

impl RegisterPage<'_> {
    /// The field that the password stands after: the name, or the address where that is the name.
    fn password_after(&self) -> &str {
        let named = |name: &str| self.fields.iter().any(|field| field.name == name);
        match self.password {
            PasswordFields::None => "",
            PasswordFields::Asked if named("username") => "username",
            PasswordFields::Asked => "email",
        }
    }
}

/// The required action UPDATE_PROFILE.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct UpdateProfilePage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// In the order of the profile.
    pub fields: &'a [ProfileField],
    /// Of all fields.
    pub faults: &'a [FieldFault],
    /// Whether it can be cancelled.
    pub initiated: Initiated,
}

page!(
    UpdateProfilePage in "login-update-profile.html",
    PageKind::form("login-update-profile"),
    |_p, texts| texts.text("loginProfileTitle")
);

/// The required action UPDATE_EMAIL.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct UpdateEmailPage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// The address, as a field.
    pub fields: &'a [ProfileField],
    /// Of the field.
    pub faults: &'a [FieldFault],
    /// Whether it can be cancelled.
    pub initiated: Initiated,
}

page!(UpdateEmailPage in "update-email.html", PageKind::action("update-email"), |_p, texts| texts.text("updateEmailTitle"));

/// The field that the cursor is put into: the first faulty one, else the first that is empty.
fn focus<'f>(fields: &'f [ProfileField], faults: &[FieldFault]) -> &'f str {
    let faulty = fields.iter().find(|field| faults.iter().any(|fault| fault.field == field.name));
    let empty = || fields.iter().find(|field| !field.read_only && field.values.iter().all(String::is_empty));
    let first = || fields.iter().find(|field| !field.read_only);
    faulty.or_else(empty).or_else(first).map_or("", |field| &field.name)
}

impl View<'_> {
    /// All fields, with the password where it belongs.
    pub(crate) fn profile(&self, fields: &[ProfileField], faults: &[FieldFault]) -> askama::Result<String> {
        let focus = focus(fields, faults);
        let mut out = String::new();
        for field in fields {
            self.profile_field(field, faults, focus, &mut out)?;
        }
        Ok(out)
    }

    /// One field.
    pub(crate) fn profile_field(
        &self,
        field: &ProfileField,
        faults: &[FieldFault],
        focus: &str,
        out: &mut String,
    ) -> askama::Result<()> {
        if field.name == "locale" && self.frame.realm.is_some_and(|realm| realm.locales.enabled) {
            // Keycloak: the language of the page becomes the user's.
            out.push_str("<input type=\"hidden\" id=\"locale\" name=\"locale\" value=\"");
            out.push_str(self.frame.locale.as_str());
            out.push_str("\">");
            return Ok(());
        }
        let fault = self.fault(faults, &field.name);
        let marks = self.invalid(faults, &field.name);
        let marks = if focus == field.name { marks + " autofocus" } else { marks };
        askama::Template::render_into(&FieldContent { f: self, field, fault: &fault, marks: &marks }, out)
    }
}

#[derive(askama::Template)]
#[template(path = "profile-field.html")]
struct FieldContent<'a> {
    f: &'a View<'a>,
    field: &'a ProfileField,
    fault: &'a str,
    marks: &'a str,
}

/// A new password and its confirmation: names of the fields, keys of their labels.
pub(crate) struct NewPassword {
    names: [&'static str; 2],
    labels: [&'static str; 2],
    mark: &'static str,
}

/// Of the registration, where other fields are marked as required, too.
const OF_REGISTRATION: NewPassword =
    NewPassword { names: ["password", "password-confirm"], labels: ["password", "passwordConfirm"], mark: "*" };
/// Of the required action, which has no other fields.
const OF_ACTION: NewPassword =
    NewPassword { names: ["password-new", "password-confirm"], labels: ["passwordNew", "passwordNewConfirm"], mark: "" };

impl View<'_> {
    /// The fields of a registration, with the password after the name.
    pub(crate) fn registration(&self, page: &RegisterPage<'_>) -> askama::Result<String> {
        let (after, mut out) = (page.password_after(), String::new());
        let faulty = |name: &str| page.faults.iter().any(|fault| fault.field == name);
        let in_order = page.fields.iter().flat_map(|field| {
            let password = if field.name == after { OF_REGISTRATION.names.as_slice() } else { &[] };
            std::iter::once(field.name.as_str()).chain(password.iter().copied())
        });
        let focus = in_order.clone().find(|name| faulty(name)).unwrap_or_else(|| focus(page.fields, &[]));
        for field in page.fields {
            self.profile_field(field, page.faults, focus, &mut out)?;
            if field.name == after {
                self.new_password(&OF_REGISTRATION, page.faults, focus, &mut out)?;
            }
        }
        Ok(out)
    }

    /// The fields of the required action UPDATE_PASSWORD.
    pub(crate) fn changed_password(&self, faults: &[FieldFault]) -> askama::Result<String> {
        let mut out = String::new();
        // Keycloak's checks know the first field as `password`.
        let named = |name: &Cow<'static, str>| if name == "password" { "password-new".into() } else { name.clone() };
        let faults: Vec<_> = faults.iter().map(|fault| FieldFault::new(named(&fault.field), fault.message.clone())).collect();
        let focus = faults.first().map_or("password-new", |fault| &fault.field);
        self.new_password(&OF_ACTION, &faults, focus, &mut out)?;
        Ok(out)
    }

    fn new_password(&self, fields: &NewPassword, faults: &[FieldFault], focus: &str, out: &mut String) -> askama::Result<()> {
        for (name, label) in fields.names.into_iter().zip(fields.labels) {
            let (fault, marks) = (self.fault(faults, name), self.invalid(faults, name));
            let marks = if name == focus { marks + " autofocus" } else { marks };
            let content = PasswordContent { f: self, name, label, mark: fields.mark, fault: &fault, marks: &marks };
            askama::Template::render_into(&content, out)?;
        }
        Ok(())
    }
}

#[derive(askama::Template)]
#[template(path = "new-password.html")]
struct PasswordContent<'a> {
    f: &'a View<'a>,
    name: &'a str,
    label: &'a str,
    mark: &'a str,
    fault: &'a str,
    marks: &'a str,
}
