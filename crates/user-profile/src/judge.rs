use std::collections::BTreeMap;

use realm_model::document::Body;
use realm_model::{UnmanagedAttributes, User};
use serde_json::{Value, json};

use crate::attribute::{attribute_faults, is_blank};
use crate::context::Access;
use crate::{Context, Demand, OWN_MEMBERS, UserProfile, Viewer};

/// Values by attribute, `username` and the like among them.
pub type Values = BTreeMap<String, Vec<String>>;

/// What is wrong with an attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileFault {
    /// Its name.
    pub attribute: String,
    /// The key of the message.
    pub message: String,
    /// The message's arguments behind the first, which is the attribute's name.
    pub parameters: Vec<Value>,
}

impl ProfileFault {
    /// The message's arguments as texts: `name`, as which the attribute is known to people, and the parameters.
    pub fn arguments(&self, name: &str) -> Vec<String> {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        std::iter::once(name.to_owned()).chain(self.parameters.iter().map(text)).collect()
    }
}

/// What a user is to be, and nothing is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The attributes that change, with their values: none is an attribute that goes. Username and e-mail address are in lower case.
    pub changed: Values,
}

impl Judged {
    fn one(&self, name: &str) -> Option<&str> {
        self.changed.get(name)?.first().map(String::as_str)
    }

    /// The username, where it changes.
    pub fn username(&self) -> Option<&str> {
        self.one("username")
    }

    /// The e-mail address, where it changes to another.
    pub fn email(&self) -> Option<&str> {
        self.one("email")
    }

    /// Writes the changes into a user's representation. An e-mail address that changes is not verified any more.
    pub fn put_into(&self, user: &mut Body) {
        for (name, values) in &self.changed {
            if OWN_MEMBERS.contains(&name.as_str()) {
                match values.first() {
                    Some(value) => drop(user.insert(name.clone(), value.as_str().into())),
                    None => drop(user.shift_remove(name)),
                }
                continue;
            }
            let attributes = user.entry("attributes").or_insert_with(|| Value::Object(Body::new()));
            let Value::Object(attributes) = attributes else { continue };
            if values.is_empty() {
                attributes.shift_remove(name);
            } else {
                attributes.insert(name.clone(), json!(values));
            }
        }
        if user.get("attributes").and_then(Value::as_object).is_some_and(Body::is_empty) {
            user.shift_remove("attributes");
        }
        if self.changed.contains_key("email") {
            user.insert("emailVerified".to_owned(), false.into());
        }
    }
}

/// Keycloak: no user changes these, whatever the profile permits. One that ends in `*` stands for all that begin so.
const READ_ONLY: [&str; 11] = [
    "KERBEROS_PRINCIPAL",
    "LDAP_ID",
    "LDAP_ENTRY_DN",
    "CREATED_TIMESTAMP",
    "createTimestamp",
    "modifyTimestamp",
    "userCertificate",
    "saml.persistent.name.id.for.*",
    "ENABLED",
    "EMAIL_VERIFIED",
    "disabledReason",
];

/// What forms put in front of the name of an attribute that the profile does not name.
const PREFIX: &str = "user.attributes.";
/// UTF-16 units of a value of such an attribute.
const LONGEST_UNMANAGED: usize = 2048;

impl UserProfile<'_> {
    /// What a user has of the profile's attributes.
    pub fn present(&self, user: &User) -> Values {
        let names = self.config().attributes.iter().map(|attribute| attribute.name.clone());
        names.map(|name| (name.clone(), values_of(user, &name))).collect()
    }

    /// What becomes of the `submitted` values. In a form, what is not sent is empty; on the account page, too. What may not be changed
    /// is not looked at, unless it would change: that is wrong on the account page, and nothing elsewhere.
    ///
    /// # Errors
    /// All that is wrong, in the order of the profile.
    pub fn judge(
        &self,
        context: Context,
        viewer: &Viewer<'_>,
        submitted: &Values,
        user: Option<&User>,
    ) -> Result<Judged, Vec<ProfileFault>> {
        let mut wanted = Values::new();
        let mut faults = Vec::new();
        for (attribute, access, demand) in self.selected(context, viewer, user) {
            let name = attribute.name.as_str();
            let given = given(submitted, name);
            if access != Access::Editable || is_read_only(name) {
                if context == Context::Account && given.as_ref().is_some_and(|given| changes(given, user, name)) {
                    faults.push(wrong(name, "error-user-attribute-read-only"));
                }
                continue;
            }
            let values = given.unwrap_or_default();
            faults.extend(attribute_faults(attribute, demand, &values).into_iter().map(|fault| in_own_words(fault, demand)));
            wanted.insert(name.to_owned(), values);
        }
        self.unmanaged(context, submitted, &mut wanted, &mut faults);
        self.name_by_email(&mut wanted);
        if faults.is_empty() { Ok(Judged { changed: changed(wanted, user) }) } else { Err(faults) }
    }

    /// Attributes that the profile does not name: only where users may have them, and in forms only under their prefix.
    fn unmanaged(&self, context: Context, submitted: &Values, wanted: &mut Values, faults: &mut Vec<ProfileFault>) {
        if self.config().unmanaged != UnmanagedAttributes::Enabled || context == Context::UpdateEmail {
            return;
        }
        for (field, values) in submitted {
            let bare = field.strip_prefix(PREFIX).or((context == Context::Account).then_some(field.as_str()));
            let Some(name) = bare.filter(|name| !name.is_empty()) else { continue };
            if self.config().attribute(name).is_some() || OWN_MEMBERS.contains(&name) || is_read_only(name) {
                continue;
            }
            if values.iter().any(|value| value.encode_utf16().count() > LONGEST_UNMANAGED) {
                let parameters = vec![json!(0), json!(LONGEST_UNMANAGED)];
                faults.push(ProfileFault { parameters, ..wrong(name, "error-invalid-length") });
            }
            wanted.insert(name.to_owned(), values.iter().filter(|value| !value.is_empty()).cloned().collect());
        }
    }

    /// Where users are named by their addresses, the address is the username.
    fn name_by_email(&self, wanted: &mut Values) {
        let email =
            wanted.get("email").filter(|email| self.realm.login.registration_email_as_username && !is_blank(email)).cloned();
        if let Some(email) = email {
            wanted.insert("username".to_owned(), email);
        }
    }
}

fn given(submitted: &Values, name: &str) -> Option<Vec<String>> {
    let given = submitted.get(name).or_else(|| submitted.get(&format!("{PREFIX}{name}")))?;
    Some(given.iter().filter(|value| !value.is_empty()).cloned().collect())
}

fn wrong(name: &str, message: &str) -> ProfileFault {
    ProfileFault { attribute: name.to_owned(), message: message.to_owned(), parameters: Vec::new() }
}

/// Keycloak: people are asked for username and e-mail address in words of their own (recording registration/all-empty).
fn in_own_words(fault: ProfileFault, demand: Demand) -> ProfileFault {
    let is_missing = demand == Demand::Required && fault.message == "error-user-attribute-required";
    match fault.attribute.as_str() {
        "username" if is_missing => wrong("username", "missingUsernameMessage"),
        "email" if is_missing => wrong("email", "missingEmailMessage"),
        _ => fault,
    }
}

fn is_read_only(name: &str) -> bool {
    READ_ONLY.iter().any(|known| match known.strip_suffix('*') {
        Some(begin) => name.get(..begin.len()).is_some_and(|own| own.eq_ignore_ascii_case(begin)),
        None => known.eq_ignore_ascii_case(name),
    })
}

/// What the user has of an attribute now.
pub(crate) fn values_of(user: &User, name: &str) -> Vec<String> {
    let one = |value: Option<&str>| value.filter(|value| !value.is_empty()).map(str::to_owned).into_iter().collect();
    match name {
        "username" => one(Some(&user.username)),
        "email" => one(user.email.as_deref()),
        "firstName" => one(user.first_name.as_deref()),
        "lastName" => one(user.last_name.as_deref()),
        name => user.attributes.get(name).cloned().unwrap_or_default(),
    }
}

fn changes(given: &[String], user: Option<&User>, name: &str) -> bool {
    !is_blank(given) && user.is_none_or(|user| values_of(user, name) != given)
}

/// What differs from the user as it is.
fn changed(wanted: Values, user: Option<&User>) -> Values {
    let stored = |(name, mut values): (String, Vec<String>)| {
        if matches!(name.as_str(), "username" | "email") {
            values.iter_mut().for_each(|value| *value = value.to_lowercase());
        }
        if OWN_MEMBERS.contains(&name.as_str()) && is_blank(&values) {
            values.clear();
        }
        (name, values)
    };
    let differs = |(name, values): &(String, Vec<String>)| match user {
        Some(user) => values_of(user, name) != *values,
        None => !values.is_empty(),
    };
    wanted.into_iter().map(stored).filter(differs).collect()
}
