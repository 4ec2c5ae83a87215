use realm_model::document::Key;

/// Which users: Keycloak's search parameters (shared wire-admin.md section 4). All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserQuery {
    /// `search`: words between white space, each a prefix of username, e-mail, first or last name, `*` standing for any text; `"x"` the
    /// whole. Any case. (`id:…` is the caller's, by [`UserQuery::ids`].)
    pub search: Option<String>,
    /// `username`
    pub username: Option<String>,
    /// `email`
    pub email: Option<String>,
    /// `firstName`
    pub first_name: Option<String>,
    /// `lastName`
    pub last_name: Option<String>,
    /// `exact`: whether the four above are the whole text or a part of it (any case). Empty ones do not count.
    pub matching: Matching,
    /// `emailVerified`
    pub email_verified: Option<bool>,
    /// `enabled`
    pub enabled: Option<bool>,
    /// `q`: attributes by name and whole value, the value in any case.
    pub attributes: Vec<(String, String)>,
    /// `idpAlias`
    pub identity_provider: Option<String>,
    /// `idpUserId`
    pub identity_provider_user: Option<String>,
    /// Only direct members of this group, or holders of this role.
    pub member_of: Option<Key>,
    /// Whether service accounts are among them. Keycloak leaves them out only of `search` and of a list without any parameter.
    pub service_accounts: ServiceAccounts,
    /// Only these ids (empty: all).
    pub ids: Vec<String>,
    /// Only users whose username comes after this one: the way to page through a million.
    pub after: Option<String>,
    /// `first`: how many to leave out.
    pub first: u64,
    /// `max`: how many at most.
    pub max: Option<u64>,
}

/// How a text is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Matching {
    /// As a part, any case.
    #[default]
    Part,
    /// As the whole.
    Whole,
}

/// Whether service accounts are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServiceAccounts {
    /// They are left out.
    #[default]
    Leave,
    /// They are users like others.
    Include,
}

/// One word of a search, in lower case: what username, e-mail, first or last name must be like.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// The whole text.
    Whole(String),
    /// It begins so.
    Prefix(String),
    /// A pattern of LIKE, `\` being its escape.
    Like(String),
}

/// The words of `search`.
// Keycloak: words are parted before quotes are looked at, so no phrase of several words is ever found (recording admin-users/search-word).
pub(crate) fn words(search: &str) -> Vec<Word> {
    search.split_whitespace().map(|word| read_word(&word.to_lowercase())).collect()
}

fn read_word(word: &str) -> Word {
    if let Some(whole) = word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return Word::Whole(whole.to_owned());
    }
    let begin = word.trim_end_matches('*');
    if !begin.is_empty() && !begin.contains('*') {
        return Word::Prefix(begin.to_owned());
    }
    let mut pattern = String::with_capacity(word.len() + 2);
    for c in word.chars() {
        match c {
            '*' => pattern.push('%'),
            '%' | '_' | '\\' => pattern.extend(['\\', c]),
            c => pattern.push(c),
        }
    }
    pattern.push('%');
    Word::Like(pattern)
}

/// The pattern of LIKE, without any escape, for a part of a field.
// Keycloak: `%` and `_` in these fields stand for any text and any character (asked of 26.7.4: `username=e_e` finds "evexx").
pub(crate) fn part(text: &str) -> String {
    format!("%{}%", text.to_lowercase())
}

/// The least text that is greater than all that begin with `prefix`, as bytes compare.
pub(crate) fn beyond(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

/// Whether [`crate::Repository::declared`] gives what files said of users, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclaredUsers {
    /// Entities and users.
    Include,
    /// Entities alone.
    Leave,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_prefixes_parts_or_whole_as_they_are_written() {
        let expected = [
            Word::Prefix("ann".to_owned()),
            Word::Prefix("b".to_owned()),
            Word::Like("%ç\\_%%".to_owned()),
            Word::Like("a%b%".to_owned()),
            Word::Whole("x*".to_owned()),
            Word::Prefix("\"y".to_owned()),
            Word::Like("%%".to_owned()),
        ];
        assert_eq!(words(" Ann  B* *Ç_*\ta*b \"X*\" \"y *"), expected);
        assert_eq!(words("  "), []);
    }

    #[test]
    fn what_begins_with_a_prefix_lies_before_its_end() {
        assert!("ann" < beyond("ann").as_str() && "ann\u{10fffe}z" < beyond("ann").as_str() && "ano" > beyond("ann").as_str());
    }
}
