//! Users, service accounts among them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use oidc_types::{ClientId, UserId};

use super::super::ids::stable_id;
use super::super::lenient::{Flag, Text, Whole};
use super::super::place::Place;
use super::super::problem::did_you_mean;
use super::super::representation::{ConsentRepresentation, UserRepresentation};
use super::settings::Settings;
use super::{Draft, credentials, groups, non_empty, strings, unknown_fields};
use crate::sharing;
use crate::{Consent, CredentialKind, GroupPath, User};

/// The users of a realm in the making, and what must not be there twice.
#[derive(Default)]
pub(super) struct Users {
    list: Vec<User>,
    usernames: HashSet<String>,
    emails: HashSet<String>,
    ids: HashSet<UserId>,
    /// Whose each card is.
    cards: HashMap<String, String>,
    /// Clients whose service account the file has.
    accounts: HashSet<ClientId>,
}

impl Users {
    pub(super) fn into_list(self) -> Vec<User> {
        self.list
    }
}

/// Reads users of the file that `problems` reports on.
pub(super) fn add_all(draft: &mut Draft<'_>, users: Vec<UserRepresentation>, settings: &Settings) {
    let realm_place = draft.place.clone();
    draft.users.list.reserve(users.len());
    for (index, user) in users.into_iter().enumerate() {
        let place = || realm_place.then("users").then(index);
        unknown_fields::of_user(&user, &place, draft.problems);
        add(draft, user, &place, settings);
    }
}

fn add(draft: &mut Draft<'_>, mut given: UserRepresentation, place: &dyn Fn() -> Place, settings: &Settings) {
    let username = given.username.take().map(|Text(name)| name.to_lowercase()).filter(|name| !name.is_empty());
    let Some(username) = username else {
        draft.problems.error(place(), "a user needs a \"username\"", None);
        return;
    };
    let email = non_empty(given.email.take()).map(|email| email.to_lowercase());
    let id = non_empty(given.id.take()).unwrap_or_else(|| stable_id(draft.name.as_str(), "user", &username));
    let owner = credentials::Owner { username: &username, email: email.as_deref(), place, policy: &settings.password_policy };
    let credentials = credentials::read(draft, std::mem::take(&mut given.credentials), &owner);
    let user = User {
        id: id.into(),
        email_verified: given.email_verified.is_some_and(|Flag(on)| on),
        // Keycloak: a user without `enabled` is not (seen on import).
        enabled: given.enabled.is_some_and(|Flag(on)| on),
        first_name: non_empty(given.first_name.take()),
        last_name: non_empty(given.last_name.take()),
        credentials,
        required_actions: strings(&given.required_actions).map(str::to_owned).collect(),
        roles: groups::granted_roles(draft, &given.realm_roles, &given.client_roles, &place()),
        groups: member_of(draft, &given.groups, place),
        not_before: given.not_before.map_or(0, |Whole(seconds)| seconds),
        service_account_client: service_account_client(draft, given.service_account_client_id, place),
        consents: given.client_consents.iter().filter_map(consent).collect(),
        created_timestamp: given.created_timestamp.map(|Whole(millis)| millis),
        attributes: given.attributes.0,
        username,
        email,
    };
    refuse_duplicates(draft, &user, place, settings);
    draft.users.list.push(user);
}

fn consent(given: &ConsentRepresentation) -> Option<Consent> {
    let Text(client) = given.client_id.as_ref()?;
    Some(Consent { client: client.as_str().into(), scopes: strings(&given.granted_client_scopes).map(Arc::from).collect() })
}

fn member_of(draft: &mut Draft<'_>, names: &[Text], place: &dyn Fn() -> Place) -> Vec<GroupPath> {
    let mut groups = Vec::with_capacity(names.len());
    for (index, name) in strings(names).enumerate() {
        let path = if name.starts_with('/') { name.to_owned() } else { format!("/{name}") };
        match draft.groups.get_key_value(path.as_str()) {
            Some((path, _)) => groups.push(path.clone()),
            None => {
                let help = did_you_mean(&path, draft.groups.keys().map(|path| &**path));
                let place = place().then("groups").then(index);
                draft.problems.error(place, format!("there is no group \"{path}\""), help);
            }
        }
    }
    groups
}

fn service_account_client(draft: &mut Draft<'_>, given: Option<Text>, place: &dyn Fn() -> Place) -> Option<ClientId> {
    let client = non_empty(given)?;
    match draft.clients.get_key_value(client.as_str()) {
        Some((client, _)) => {
            let client = client.clone();
            draft.users.accounts.insert(client.clone());
            Some(client)
        }
        None => {
            let help = did_you_mean(&client, draft.clients.keys().map(ClientId::as_str));
            let place = place().then("serviceAccountClientId");
            draft.problems.error(place, format!("there is no client \"{client}\""), help);
            None
        }
    }
}

fn refuse_duplicates(draft: &mut Draft<'_>, user: &User, place: &dyn Fn() -> Place, settings: &Settings) {
    let users = &mut draft.users;
    let problems = &mut *draft.problems;
    if !users.usernames.insert(user.username.clone()) {
        problems.error(place().then("username"), format!("there are two users \"{}\"", user.username), None);
    }
    if !users.ids.insert(user.id.clone()) {
        problems.error(place().then("id"), format!("another user has this id, too: user \"{}\"", user.username), None);
    }
    if let Some(email) = &user.email
        && !users.emails.insert(email.clone())
        && !settings.duplicate_emails
    {
        let help = Some("set \"duplicateEmailsAllowed\": true if that is meant".to_owned());
        problems.error(place().then("email"), format!("another user has the e-mail address \"{email}\", too"), help);
    }
    for card in user.credentials_of(&CredentialKind::ContactlessCard).filter_map(crate::Credential::card_hash) {
        if let Some(other) = users.cards.insert(card, user.username.clone()) {
            let message = format!("the card of user \"{}\" is that of user \"{other}\", too: one card, one user", user.username);
            problems.error(place().then("credentials"), message, None);
        }
    }
}

/// Makes the service accounts that the file leaves out, and gives their clients scope `service_account`. A service account
/// that is in the file keeps its client as it is there (wire.md section 8.1, import rules).
pub(super) fn add_service_accounts(draft: &mut Draft<'_>) {
    let scope = draft.scopes.get("service_account").map(|scope| scope.name.clone());
    let default_role = draft.roles.default_role();
    let Draft { clients, users, name, .. } = draft;
    for client in clients.values_mut().filter(|client| client.service_accounts && !users.accounts.contains(&client.client_id)) {
        if let Some(scope) = &scope
            && !client.default_scopes.contains(scope)
        {
            let scopes: Vec<_> = std::iter::once(scope).chain(&*client.default_scopes).cloned().collect();
            client.default_scopes = sharing::list(&scopes);
        }
        let username = format!("service-account-{}", client.client_id).to_lowercase();
        if !users.usernames.insert(username.clone()) {
            continue;
        }
        users.list.push(User {
            id: stable_id(name.as_str(), "user", &username).into(),
            username,
            email: None,
            email_verified: false,
            enabled: true,
            first_name: None,
            last_name: None,
            attributes: Default::default(),
            credentials: Vec::new(),
            required_actions: Vec::new(),
            roles: vec![default_role.clone()],
            groups: Vec::new(),
            not_before: 0,
            service_account_client: Some(client.client_id.clone()),
            consents: Vec::new(),
            created_timestamp: None,
        });
    }
}
