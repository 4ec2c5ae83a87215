//! What the attributes of a user shall be after a `POST` or `PUT`, and what is wrong with that.

use std::collections::BTreeMap;

use realm_model::document::{Body, UserRecord};
use serde_json::{Value, json};
use user_profile::{Demand, attribute_faults};

use super::{Attribute, OWN_MEMBERS, Profile, Unmanaged};
use crate::body::{is_on, object, text, texts};
use crate::error::AdminError;

/// Values by attribute, `username` and the like among them.
type Values = BTreeMap<String, Vec<String>>;

/// Keycloak: nobody changes these.
const READ_ONLY: [&str; 6] =
    ["KERBEROS_PRINCIPAL", "LDAP_ID", "LDAP_ENTRY_DN", "CREATED_TIMESTAMP", "createTimestamp", "modifyTimestamp"];
/// UTF-16 units of a value of an attribute that the profile does not name.
const LONGEST_UNMANAGED: usize = 2048;

/// What is wrong with a user.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// There is no username.
    UsernameMissing,
    /// Another user has the e-mail address.
    EmailTaken,
    /// Another user has the username.
    UsernameTaken,
    /// An attribute: its name, the words, the parameters behind the name.
    Attribute(String, String, Vec<Value>),
}

/// What a user shall be.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Username in lower case.
    pub(crate) username: String,
    values: Values,
    /// What is wrong with it so far.
    pub(crate) faults: Vec<Fault>,
}

impl Wanted {
    /// E-mail address in lower case.
    pub(crate) fn email(&self) -> Option<&str> {
        self.own("email")
    }

    fn own(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.iter().map(String::as_str).find(|value| !value.trim().is_empty())
    }

    /// Writes it into a user.
    pub(crate) fn put_into(&self, user: &mut Body) {
        user.insert("username".to_owned(), self.username.as_str().into());
        for name in OWN_MEMBERS.into_iter().filter(|name| *name != "username") {
            match self.own(name) {
                Some(value) => drop(user.insert(name.to_owned(), value.into())),
                None => drop(user.shift_remove(name)),
            }
        }
        let others = self.values.iter().filter(|(name, _)| !OWN_MEMBERS.contains(&name.as_str()));
        let attributes: Body = others
            .map(|(name, values)| (name, values.iter().filter(|value| !value.is_empty()).collect::<Vec<_>>()))
            .filter(|(_, values)| !values.is_empty())
            .map(|(name, values)| (name.clone(), json!(values)))
            .collect();
        if attributes.is_empty() {
            user.shift_remove("attributes");
        } else {
            user.insert("attributes".to_owned(), attributes.into());
        }
    }

    /// Refuses it where something is wrong.
    ///
    /// # Errors
    /// The first of what Keycloak tells alone, else all together.
    pub(crate) fn refuse_faults(&self) -> Result<(), AdminError> {
        let has = |fault: &Fault| self.faults.contains(fault);
        if has(&Fault::UsernameMissing) {
            return Err(AdminError::message(400, "User name is missing"));
        }
        if has(&Fault::EmailTaken) {
            return Err(AdminError::message(409, "User exists with same email"));
        }
        if has(&Fault::UsernameTaken) {
            return Err(AdminError::message(409, "User exists with same username"));
        }
        let mut faults: Vec<&Fault> = self.faults.iter().collect();
        faults.sort_by_key(|fault| place(fault));
        let mut told: Vec<Value> = faults.into_iter().filter_map(told).collect();
        match told.len() {
            0 => Ok(()),
            1 => Err(AdminError::Listed(400, told.remove(0))),
            _ => Err(AdminError::Listed(400, json!({ "errors": told }))),
        }
    }
}

/// Keycloak: in this order (asked of 26.7.4).
fn place(fault: &Fault) -> usize {
    const ORDER: [&str; 3] = ["email", "lastName", "firstName"];
    match fault {
        Fault::Attribute(name, ..) => ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()),
        _ => 0,
    }
}

fn told(fault: &Fault) -> Option<Value> {
    let Fault::Attribute(name, words, rest) = fault else { return None };
    let params: Vec<Value> = std::iter::once(json!(name)).chain(rest.iter().cloned()).collect();
    Some(json!({ "field": name, "errorMessage": words, "params": params }))
}

fn wrong(name: &str, words: &str) -> Fault {
    Fault::Attribute(name.to_owned(), words.to_owned(), Vec::new())
}

fn is_blank(values: &[String]) -> bool {
    values.iter().all(|value| value.trim().is_empty())
}

/// What the user is to be by `given`, by the profile and settings of the realm.
///
/// Keycloak: without `attributes` all that is not given stays; with `attributes` whatever is not given goes, names and e-mail
/// address among them (asked of 26.7.4; recordings admin-users/{attributes-unmanaged,put-*}).
pub(crate) fn work_out((profile, settings): (&Profile, &Body), (given, before): (&Body, Option<&UserRecord>)) -> Wanted {
    let old = before.map(existing).unwrap_or_default();
    let replaces = object(given, "attributes").is_some();
    let mut asked = asked(given);
    if before.is_some() && !replaces {
        for (name, values) in &old {
            asked.entry(name.clone()).or_insert_with(|| values.clone());
        }
    }
    asked.remove("username");
    let mut wanted = Wanted { username: String::new(), values: Values::new(), faults: Vec::new() };
    for attribute in profile.attributes().filter(|attribute| attribute.name() != "username") {
        let asked = asked.remove(attribute.name());
        managed(&mut wanted, (profile, attribute), (asked, old.get(attribute.name()), before.is_some()));
    }
    if let Some(email) = asked.remove("email") {
        // A profile may be without any attribute.
        wanted.values.insert("email".to_owned(), email);
    }
    unmanaged(&mut wanted, profile, (asked, &old, replaces));
    if let Some(email) = wanted.values.get_mut("email") {
        email.iter_mut().for_each(|value| *value = value.to_lowercase());
    }
    username(&mut wanted, (profile, settings), (text(given, "username"), before.map(UserRecord::username), replaces));
    wanted
}

/// What the user is now.
fn existing(user: &UserRecord) -> Values {
    let mut values = Values::new();
    for (name, value) in user.attributes() {
        values.entry(name.to_owned()).or_default().push(value.to_owned());
    }
    for name in OWN_MEMBERS {
        match user.text(name) {
            Some(value) => drop(values.insert(name.to_owned(), vec![value.to_owned()])),
            None => drop(values.remove(name)),
        }
    }
    values
}

/// What is asked for. Keycloak: username and e-mail address count as members alone, the names also among the attributes.
fn asked(given: &Body) -> Values {
    let attributes = object(given, "attributes");
    let names = attributes.into_iter().flatten().map(|(name, _)| name.as_str());
    let names = names.filter(|name| !matches!(*name, "username" | "email"));
    let values = |name: &str| attributes.map(|all| texts(all, name).map(str::to_owned).collect()).unwrap_or_default();
    let mut asked: Values = names.map(|name| (name.to_owned(), values(name))).collect();
    for name in OWN_MEMBERS {
        if let Some(value) = text(given, name) {
            asked.insert(name.to_owned(), vec![value.to_owned()]);
        }
    }
    asked
}

fn managed(
    wanted: &mut Wanted,
    (profile, attribute): (&Profile, Attribute<'_>),
    (asked, old, exists): (Option<Vec<String>>, Option<&Vec<String>>, bool),
) {
    let name = attribute.name();
    if !attribute.is_editable() {
        let changed = asked.is_some_and(|asked| !is_blank(&asked) && Some(&asked) != old);
        if exists && changed {
            wanted.faults.push(wrong(name, "error-user-attribute-read-only"));
        }
        if let Some(old) = old {
            wanted.values.insert(name.to_owned(), old.clone());
        }
        return;
    }
    let default = || text(attribute.0, "defaultValue").filter(|_| !exists).map(|value| vec![value.to_owned()]);
    let values = asked.or_else(default).unwrap_or_default();
    faults(&mut wanted.faults, (profile, attribute), &values);
    wanted.values.insert(name.to_owned(), values);
}

/// What is wrong with the values of an attribute.
fn faults(faults: &mut Vec<Fault>, (profile, attribute): (&Profile, Attribute<'_>), values: &[String]) {
    let Some(checks) = profile.checks_of(attribute.name()) else { return };
    let demand = if attribute.is_required() { Demand::Required } else { Demand::Optional };
    let mut found = attribute_faults(checks, demand, values);
    // Keycloak: the validators stand in the errors in reverse, the count of values behind them.
    let count = found.pop_if(|fault| fault.message == "error-invalid-multivalued-size");
    let found = found.into_iter().rev().chain(count);
    faults.extend(found.map(|fault| Fault::Attribute(fault.attribute, fault.message, fault.parameters)));
}

/// Attributes that the profile does not name.
fn unmanaged(wanted: &mut Wanted, profile: &Profile, (asked, old, replaces): (Values, &Values, bool)) {
    let editable = profile.unmanaged() == Unmanaged::Editable;
    let is_read_only = |name: &str| READ_ONLY.iter().any(|known| known.eq_ignore_ascii_case(name));
    let stays = |name: &str| !editable || !replaces || is_read_only(name);
    for (name, values) in old.iter().filter(|(name, _)| *name != "username" && profile.attribute(name).is_none()) {
        if stays(name) {
            wanted.values.insert(name.clone(), values.clone());
        }
    }
    for (name, values) in asked {
        if is_read_only(&name) && old.get(&name) != Some(&values) {
            wanted.faults.push(wrong(&name, "updateReadOnlyAttributesRejectedMessage"));
        } else if editable {
            if values.iter().any(|value| value.encode_utf16().count() > LONGEST_UNMANAGED) {
                let params = vec![json!(0), json!(LONGEST_UNMANAGED)];
                wanted.faults.push(Fault::Attribute(name.clone(), "error-invalid-length".to_owned(), params));
            }
            wanted.values.insert(name, values);
        }
    }
}

fn username(
    wanted: &mut Wanted,
    (profile, settings): (&Profile, &Body),
    (given, before, replaces): (Option<&str>, Option<&str>, bool),
) {
    let missing = given.is_none_or(|name| name.trim().is_empty());
    if is_on(settings, "registrationEmailAsUsername") {
        match wanted.email().map(str::to_owned) {
            Some(email) => wanted.username = email,
            None if missing => wanted.faults.push(Fault::UsernameMissing),
            None => wanted.faults.push(wrong("email", "error-user-attribute-required")),
        }
        return;
    }
    // Keycloak: who may be renamed has a username like any other attribute, which is checked again and must not be left out.
    let editable = is_on(settings, "editUsernameAllowed");
    let name = match (given, before) {
        (None, Some(before)) if editable && replaces => {
            wanted.username = before.to_owned();
            wanted.faults.push(Fault::UsernameMissing);
            return;
        }
        (None, Some(before)) => before.to_owned(),
        (given, _) => given.unwrap_or_default().to_lowercase(),
    };
    if missing && (given.is_some() || before.is_none()) {
        wanted.faults.push(Fault::UsernameMissing);
    }
    if before.is_some_and(|before| before != name) && !editable {
        wanted.faults.push(wrong("username", "error-user-attribute-read-only"));
    }
    if let Some(attribute) = profile.attribute("username").filter(|_| editable || before != Some(name.as_str())) {
        faults(&mut wanted.faults, (profile, attribute), std::slice::from_ref(&name));
    }
    wanted.username = name;
}

#[cfg(test)]
mod tests;
