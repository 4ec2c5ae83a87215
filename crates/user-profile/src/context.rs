use realm_model::{ProfileAttribute, Realm, User};

use crate::UserProfile;

/// Where attributes are shown or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// The registration page.
    Registration,
    /// The page that asks for missing or wrong attributes (`UPDATE_PROFILE`, `VERIFY_PROFILE`).
    UpdateProfile,
    /// The page that asks for another e-mail address (`UPDATE_EMAIL`).
    UpdateEmail,
    /// The account page and its REST API.
    Account,
}

/// As whom somebody looks at a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The user.
    User,
    /// An administrator.
    Admin,
}

impl Role {
    /// Keycloak's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

/// Who looks.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// As whom.
    pub role: Role,
    /// The client scopes that the login asks for; none outside of one.
    pub scopes: &'a [&'a str],
}

impl Viewer<'static> {
    /// The user, in no login.
    pub const USER: Self = Self { role: Role::User, scopes: &[] };
}

/// What may be done with an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Hidden,
    ReadOnly,
    Editable,
}

impl UserProfile<'_> {
    /// The attributes that are there in this context, each with what may be done with it and whether it must be given.
    pub(crate) fn selected<'s>(
        &'s self,
        context: Context,
        viewer: &'s Viewer<'_>,
        user: Option<&'s User>,
    ) -> impl Iterator<Item = (&'s ProfileAttribute, Access, crate::Demand)> {
        let is_here = move |attribute: &&ProfileAttribute| {
            let in_login = context != Context::Account;
            let fits = context != Context::UpdateEmail || attribute.name == "email";
            fits && (!in_login || attribute.selector_scopes.is_empty() || asks_for(viewer, &attribute.selector_scopes))
        };
        self.config().attributes.iter().filter(is_here).filter_map(move |attribute| {
            let access = self.access(attribute, context, viewer, user);
            (access != Access::Hidden).then(|| (attribute, access, self.demand(attribute, context, viewer)))
        })
    }

    /// Keycloak: usernames and e-mail addresses follow the realm's settings, whatever the profile permits.
    fn access(&self, attribute: &ProfileAttribute, context: Context, viewer: &Viewer<'_>, user: Option<&User>) -> Access {
        let realm = self.realm;
        let own = permitted(attribute, viewer.role);
        let limit = match attribute.name.as_str() {
            "username" => username_access(realm, context),
            "email" => email_access(realm, context, user),
            _ => Access::Editable,
        };
        match (own, limit) {
            (Access::Hidden, _) | (_, Access::Hidden) => Access::Hidden,
            (Access::Editable, Access::Editable) => Access::Editable,
            _ => Access::ReadOnly,
        }
    }

    fn demand(&self, attribute: &ProfileAttribute, context: Context, viewer: &Viewer<'_>) -> crate::Demand {
        let by_email = self.realm.login.registration_email_as_username;
        let required = match attribute.name.as_str() {
            "username" => !by_email,
            "email" if by_email || context == Context::UpdateEmail => true,
            _ => attribute.required.as_ref().is_some_and(|required| {
                let always = required.roles.is_empty() && required.scopes.is_empty();
                let of_role = required.roles.iter().any(|role| role == viewer.role.as_str());
                always || of_role || context != Context::Account && asks_for(viewer, &required.scopes)
            }),
        };
        if required { crate::Demand::Required } else { crate::Demand::Optional }
    }
}

fn asks_for(viewer: &Viewer<'_>, scopes: &[String]) -> bool {
    scopes.iter().any(|scope| viewer.scopes.contains(&scope.as_str()))
}

/// What the profile permits. Keycloak: without `permissions` nobody has any, but for username and e-mail address; who may change may see.
fn permitted(attribute: &ProfileAttribute, role: Role) -> Access {
    let Some(permissions) = &attribute.permissions else {
        let is_own = matches!(attribute.name.as_str(), "username" | "email");
        return if is_own { Access::Editable } else { Access::Hidden };
    };
    let names = |roles: &[String]| roles.iter().any(|one| one == role.as_str());
    match (names(&permissions.edit), names(&permissions.view)) {
        (true, _) => Access::Editable,
        (false, true) => Access::ReadOnly,
        (false, false) => Access::Hidden,
    }
}

fn username_access(realm: &Realm, context: Context) -> Access {
    let by_email = realm.login.registration_email_as_username;
    match context {
        Context::Registration if by_email => Access::Hidden,
        Context::Registration => Access::Editable,
        Context::UpdateEmail => Access::Hidden,
        _ if realm.login.edit_username_allowed && !by_email => Access::Editable,
        Context::UpdateProfile => Access::Hidden,
        Context::Account => Access::ReadOnly,
    }
}

/// Keycloak: where `UPDATE_EMAIL` is enabled, an address that is there is changed by that action alone.
fn email_access(realm: &Realm, context: Context, user: Option<&User>) -> Access {
    let has_one = user.is_some_and(|user| user.email.as_deref().is_some_and(|email| !email.trim().is_empty()));
    let by_action = realm.required_actions.has_enabled("UPDATE_EMAIL") && has_one;
    let is_fixed = realm.login.registration_email_as_username && !realm.login.edit_username_allowed && has_one;
    match context {
        Context::Registration | Context::UpdateEmail => Access::Editable,
        Context::UpdateProfile if by_action || is_fixed => Access::Hidden,
        Context::Account if by_action || is_fixed => Access::ReadOnly,
        Context::UpdateProfile | Context::Account => Access::Editable,
    }
}
