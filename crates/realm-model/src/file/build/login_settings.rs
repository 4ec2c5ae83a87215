//! Logins in a browser, and the languages of their pages.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::Deserialize as _;

use super::super::lenient::TextMap;
use super::super::representation::RealmRepresentation;
use super::rest::Rest;
use crate::sharing::{self, Pool};
use crate::{Locales, LoginSettings, Texts};

/// What a realm says of logins.
pub(super) fn read(realm: &RealmRepresentation) -> Arc<LoginSettings> {
    static SETTINGS: LazyLock<Pool<LoginSettings>> = LazyLock::new(Pool::default);
    let rest = Rest(&realm.rest);
    let text = |name: &str| rest.text(name).map(|text| sharing::text(&text));
    let default = LoginSettings::default();
    let settings = LoginSettings {
        remember_me: rest.is_on("rememberMe"),
        reset_password_allowed: rest.is_on("resetPasswordAllowed"),
        edit_username_allowed: rest.is_on("editUsernameAllowed"),
        registration_email_as_username: rest.is_on("registrationEmailAsUsername"),
        duplicate_emails_allowed: realm.duplicate_emails_allowed.is_some_and(|flag| flag.0),
        display_name_html: text("displayNameHtml"),
        login_theme: text("loginTheme"),
        account_theme: text("accountTheme"),
        email_theme: text("emailTheme"),
        access_code_lifespan: realm.access_code_lifespan.map_or(default.access_code_lifespan, |seconds| seconds.0),
        access_code_lifespan_user_action: rest.whole("accessCodeLifespanUserAction", default.access_code_lifespan_user_action),
        access_code_lifespan_login: rest.whole("accessCodeLifespanLogin", default.access_code_lifespan_login),
        action_token_by_user_lifespan: rest.whole("actionTokenGeneratedByUserLifespan", default.action_token_by_user_lifespan),
        action_token_by_admin_lifespan: rest.whole("actionTokenGeneratedByAdminLifespan", default.action_token_by_admin_lifespan),
    };
    sharing::one(&SETTINGS, settings)
}

/// The languages of a realm.
pub(super) fn locales(realm: &RealmRepresentation) -> Arc<Locales> {
    static LOCALES: LazyLock<Pool<Locales>> = LazyLock::new(Pool::default);
    let rest = Rest(&realm.rest);
    let texts = realm.rest.get("localizationTexts").and_then(serde_json::Value::as_object);
    let texts: BTreeMap<String, Texts> = texts
        .into_iter()
        .flatten()
        .filter_map(|(locale, texts)| Some((locale.clone(), TextMap::deserialize(texts).ok()?.0.into())))
        .collect();
    let locales = Locales {
        enabled: rest.is_on("internationalizationEnabled"),
        supported: rest.texts("supportedLocales").unwrap_or_default().iter().map(|locale| sharing::text(locale)).collect(),
        default: rest.text("defaultLocale").map(|locale| sharing::text(&locale)),
        texts,
    };
    sharing::one(&LOCALES, locales)
}
