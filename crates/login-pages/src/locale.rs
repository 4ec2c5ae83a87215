use std::fmt;
use std::sync::Arc;

use realm_model::Realm;

/// The language of a page: a BCP 47 tag as Keycloak writes it (`en`, `pt-BR`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Locale(Arc<str>);

impl Locale {
    /// A locale of this tag. Only letters, digits and `-` are kept, `_` becomes `-`: it may come from a request.
    pub fn new(tag: &str) -> Self {
        let kept = tag.chars().map(|c| if c == '_' { '-' } else { c });
        Self(kept.filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(35).collect::<String>().into())
    }

    /// What a realm without languages speaks.
    pub fn english() -> Self {
        Self("en".into())
    }

    /// The language of a page of `realm`: the first wish that it supports, else its own. Without languages it is English.
    pub fn choose(realm: &Realm, wishes: &Wishes<'_>) -> Self {
        let locales = &realm.locales;
        if !locales.enabled {
            return Self::english();
        }
        let supported = |tag: &str| {
            let tag = tag.replace('_', "-");
            let find = |wanted: &str| locales.supported.iter().find(|known| known.replace('_', "-").eq_ignore_ascii_case(wanted));
            find(&tag).or_else(|| find(tag.split('-').next().unwrap_or_default())).map(|known| Self::new(known))
        };
        let one = |wish: Option<&str>| wish.and_then(supported);
        one(wishes.chosen)
            .or_else(|| one(wishes.user))
            .or_else(|| wishes.ui_locales.and_then(|list| list.split_whitespace().find_map(supported)))
            .or_else(|| one(wishes.cookie))
            .or_else(|| wishes.accept_language.and_then(|header| accepted(header).into_iter().find_map(supported)))
            .unwrap_or_else(|| locales.default.as_deref().map_or_else(Self::english, Self::new))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without region or script.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// `rtl` for languages written from right to left, else `ltr`: the attribute `dir`.
    pub(crate) fn direction(&self) -> &'static str {
        match self.language() {
            "ar" | "fa" | "he" | "iw" | "ur" | "ps" | "yi" | "ckb" => "rtl",
            _ => "ltr",
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What asks for a language, in the order in which it counts. Recordings `login-page/ui-locales`, `kc-locale`, `accept-language`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes<'a> {
    /// `kc_locale`, in this login.
    pub chosen: Option<&'a str>,
    /// The attribute `locale` of the user, once known.
    pub user: Option<&'a str>,
    /// `ui_locales` of the authorization request (OpenID Connect Core, section 3.1.2.1).
    pub ui_locales: Option<&'a str>,
    /// The cookie KEYCLOAK_LOCALE.
    pub cookie: Option<&'a str>,
    /// The header Accept-Language.
    pub accept_language: Option<&'a str>,
}

/// The languages of an Accept-Language header (RFC 9110, section 12.5.4), the dearest first.
fn accepted(header: &str) -> Vec<&str> {
    let mut found: Vec<(&str, u32)> = header
        .split(',')
        .take(20)
        .filter_map(|part| {
            let mut parts = part.split(';').map(str::trim);
            let tag = parts.next().filter(|tag| !tag.is_empty() && *tag != "*")?;
            let weight = parts.find_map(|parameter| parameter.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
            (weight > 0.0).then_some((tag, (weight.min(1.0) * 1000.0) as u32))
        })
        .collect();
    found.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    found.into_iter().map(|(tag, _)| tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dearest_language_comes_first_and_equal_ones_stay_in_order() {
        assert_eq!(accepted("en;q=0.3, fr-CH, de;q=0.9, *;q=0.5, it;q=0, es;q=0.9"), ["fr-CH", "de", "es", "en"]);
    }

    #[test]
    fn a_tag_of_a_request_is_only_letters_digits_and_hyphens() {
        assert_eq!(Locale::new("pt_BR\"><script>").as_str(), "pt-BRscript");
    }
}
