//! The words of mails.

mod catalog;

use std::borrow::Cow;

use message_texts::{format, write_escaped};
use realm_model::Realm;

/// What a mail says. `link` is a whole URL; `expires` are the seconds it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letter<'a> {
    /// A link that confirms the address.
    VerifyEmail {
        /// The link.
        link: &'a str,
        /// Seconds.
        expires: i64,
    },
    /// A link that confirms a new address.
    UpdateEmail {
        /// The link.
        link: &'a str,
        /// Seconds.
        expires: i64,
        /// The new address.
        email: &'a str,
    },
    /// A link to a new password.
    ResetPassword {
        /// The link.
        link: &'a str,
        /// Seconds.
        expires: i64,
    },
    /// A link to what an administrator asks for.
    ExecuteActions {
        /// The link.
        link: &'a str,
        /// Seconds.
        expires: i64,
        /// Aliases of required actions.
        actions: &'a [&'a str],
    },
    /// Whether the settings of the mail server work.
    SmtpTest,
}

/// Subject and texts of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML document.
    pub html: String,
}

/// The language of a mail to a user of `realm` who chose `chosen` (attribute `locale`).
pub fn language<'a>(realm: &'a Realm, chosen: Option<&'a str>) -> &'a str {
    let locales = &realm.locales;
    if !locales.enabled {
        return ENGLISH;
    }
    let is_supported = |tag: &&str| locales.supported.iter().any(|known| &**known == *tag);
    chosen.filter(is_supported).or(locales.default.as_deref()).unwrap_or(ENGLISH)
}

const ENGLISH: &str = "en";

impl Letter<'_> {
    /// The letter in one language. The realm's own texts (`localizationTexts`) go before those that are built in: under Keycloak's keys,
    /// with Keycloak's arguments.
    pub fn words(&self, realm: &Realm, language: &str) -> Words {
        let texts = Texts { realm, language };
        let key = self.key();
        let arguments = self.arguments(&texts);
        let subject = texts.filled(&format!("{key}Subject"), &arguments);
        let text = texts.filled(&format!("{key}Body"), &arguments);
        let escaped: Vec<Cow<'_, str>> = arguments.iter().map(|argument| Cow::Owned(escaped(argument))).collect();
        let body = texts.filled(&format!("{key}BodyHtml"), &escaped);
        let html = document(language, &subject, &body);
        Words { subject, text, html }
    }

    /// What Keycloak's keys begin with.
    fn key(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "emailVerification",
            Self::UpdateEmail { .. } => "emailUpdateConfirmation",
            Self::ResetPassword { .. } => "passwordReset",
            Self::ExecuteActions { .. } => "executeActions",
            Self::SmtpTest => "emailTest",
        }
    }

    /// Keycloak's, in its order: the link, minutes, the realm's name; then the actions; the time in words at last.
    fn arguments(&self, texts: &Texts<'_>) -> Vec<Cow<'static, str>> {
        let realm = || Cow::Owned(texts.realm.display_name.clone().unwrap_or_else(|| texts.realm.name.as_str().to_owned()));
        let minutes = |expires: i64| Cow::Owned((expires / 60).to_string());
        let owned = |text: &str| Cow::Owned(text.to_owned());
        match *self {
            Self::VerifyEmail { link, expires } | Self::ResetPassword { link, expires } => {
                vec![owned(link), minutes(expires), realm(), texts.time(expires)]
            }
            Self::UpdateEmail { link, expires, email } => vec![owned(link), owned(email), realm(), texts.time(expires)],
            Self::ExecuteActions { link, expires, actions } => {
                let names: Vec<String> = actions.iter().map(|action| texts.action(action)).collect();
                vec![owned(link), minutes(expires), realm(), Cow::Owned(names.join(", ")), texts.time(expires)]
            }
            Self::SmtpTest => Vec::new(),
        }
    }
}

struct Texts<'a> {
    realm: &'a Realm,
    language: &'a str,
}

impl<'a> Texts<'a> {
    fn pattern(&self, key: &str) -> Option<&'a str> {
        let general = self.language.split('-').next().unwrap_or_default();
        let tags = [self.language, general, ENGLISH];
        tags.into_iter().find_map(|tag| self.realm.locales.text(tag, key).or_else(|| catalog::text(tag, key)))
    }

    fn filled(&self, key: &str, arguments: &[Cow<'_, str>]) -> String {
        self.pattern(key).map(|pattern| format(pattern, arguments).into_owned()).unwrap_or_default()
    }

    /// `5 minutes`, `12 hours`
    fn time(&self, seconds: i64) -> Cow<'static, str> {
        const UNITS: [(&str, i64); 3] = [("days", 86_400), ("hours", 3600), ("minutes", 60)];
        let fits = |(_, unit): &&(&str, i64)| seconds >= *unit && (*unit == 60 || seconds % unit == 0);
        let (unit, length) = UNITS.iter().find(fits).copied().unwrap_or(("seconds", 1));
        let count = (seconds / length).to_string();
        let word = self.filled(&format!("linkExpirationFormatter.timePeriodUnit.{unit}"), &[Cow::Borrowed(count.as_str())]);
        Cow::Owned(format!("{count} {word}"))
    }

    fn action(&self, alias: &str) -> String {
        let pattern = self.pattern(&format!("requiredAction.{alias}"));
        pattern.map_or_else(|| alias.to_owned(), |pattern| format(pattern, &[]).into_owned())
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Writing into a text cannot fail.
    let _ = write_escaped(&mut out, text);
    out
}

fn document(language: &str, title: &str, body: &str) -> String {
    let (language, title) = (escaped(language), escaped(title));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body style=\"font-family: sans-serif; line-height: 1.5; max-width: 36em\">\n{body}\n</body>\n</html>\n"
    )
}
