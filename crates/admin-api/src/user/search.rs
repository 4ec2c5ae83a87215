//! Which users a query asks for (recordings admin-users/{search-*,count}).

use realm_store::{Matching, ServiceAccounts, UserQuery};

use crate::error::AdminError;
use crate::query::Query;

/// What a list or count of users is of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// `search=id:…`: these users, whatever else the query says.
    Ids(Vec<String>),
    /// Those that a query finds.
    Query(Box<UserQuery>),
}

/// Reads the parameters.
///
/// # Errors
/// A bound that is no number.
pub(crate) fn read(query: &Query) -> Result<Search, AdminError> {
    let page = query.page()?;
    let mut wanted = UserQuery {
        first: page.first.and_then(|first| u64::try_from(first).ok()).unwrap_or_default(),
        max: page.max.and_then(|max| u64::try_from(max).ok()),
        enabled: query.flag("enabled"),
        email_verified: query.flag("emailVerified"),
        ..UserQuery::default()
    };
    let text = |name: &str| query.text(name).map(str::to_owned);
    if let Some(search) = text("search") {
        if let Some(ids) = search.trim().strip_prefix("id:") {
            return Ok(Search::Ids(ids.split_whitespace().map(str::to_owned).collect()));
        }
        wanted.search = Some(search);
    } else {
        wanted.username = text("username");
        wanted.email = text("email");
        wanted.first_name = text("firstName");
        wanted.last_name = text("lastName");
        wanted.identity_provider = text("idpAlias");
        wanted.identity_provider_user = text("idpUserId");
        if query.flag("exact") == Some(true) {
            wanted.matching = Matching::Whole;
        }
    }
    for (name, value) in fields(query.text("q").unwrap_or_default()) {
        put_field(&mut wanted, name, value);
    }
    if wanted.search.is_none() && asks_for_anything(&wanted, query) {
        wanted.service_accounts = ServiceAccounts::Include;
    }
    Ok(Search::Query(Box::new(wanted)))
}

fn put_field(wanted: &mut UserQuery, name: String, value: String) {
    match name.as_str() {
        "username" => wanted.username = Some(value),
        "email" => wanted.email = Some(value),
        "firstName" => wanted.first_name = Some(value),
        "lastName" => wanted.last_name = Some(value),
        "enabled" => wanted.enabled = Some(value.eq_ignore_ascii_case("true")),
        "emailVerified" => wanted.email_verified = Some(value.eq_ignore_ascii_case("true")),
        _ => wanted.attributes.push((name, value)),
    }
}

/// Keycloak: a list of all, and one of a `search`, does not show service accounts.
fn asks_for_anything(wanted: &UserQuery, query: &Query) -> bool {
    let texts = [
        &wanted.username,
        &wanted.email,
        &wanted.first_name,
        &wanted.last_name,
        &wanted.identity_provider,
        &wanted.identity_provider_user,
    ];
    texts.iter().any(|text| text.is_some())
        || wanted.enabled.is_some()
        || wanted.email_verified.is_some()
        || !wanted.attributes.is_empty()
        || query.flag("exact").is_some()
}

/// `key:value "other key":"and value"`; nothing where any part is not so.
fn fields(q: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut rest = q.trim();
    while !rest.is_empty() {
        let Some((name, after)) = word(rest, |letter| letter == ':' || letter.is_whitespace()) else { return Vec::new() };
        let Some(after) = after.strip_prefix(':') else { return Vec::new() };
        let Some((value, after)) = word(after, char::is_whitespace) else { return Vec::new() };
        fields.push((name.to_owned(), value.to_owned()));
        rest = after.trim_start();
    }
    fields
}

/// The quoted text, or the one up to where `ends`, that `text` begins with; and the rest.
fn word(text: &str, ends: impl Fn(char) -> bool) -> Option<(&str, &str)> {
    match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"'),
        None => Some(text.split_at(text.find(ends).unwrap_or(text.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str) -> UserQuery {
        match read(&Query::parse(query)).unwrap() {
            Search::Query(query) => *query,
            Search::Ids(ids) => panic!("{ids:?}"),
        }
    }

    /// CVE-2024-10270
    #[test]
    fn refuses_to_try_a_hostile_search_again_and_again() {
        for part in ["\"", "\"\"", "a", "a:", ":", "\"a\":\"", " ", "a:\"b\" ", "\\\"", "a\"b:"] {
            let hostile = format!("q={}", part.repeat(2_000_000 / part.len())).replace(' ', "%20").replace('\\', "%5C");
            assert!(found(&hostile).attributes.len() <= 2_000_000);
        }
    }

    #[test]
    fn attributes_are_parted_as_on_the_real_server() {
        for (q, expected) in [
            ("team:red", vec![("team", "red")]),
            ("team:red  team:blue", vec![("team", "red"), ("team", "blue")]),
            ("\"x y\":\"1 2\"", vec![("x y", "1 2")]),
            ("team", vec![]),
            ("team:red x", vec![]),
            ("team:\"red", vec![]),
            ("team:re\"d", vec![("team", "re\"d")]),
            ("team:", vec![("team", "")]),
            (":red", vec![("", "red")]),
            ("a:b:c", vec![("a", "b:c")]),
            (" ", vec![]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
            assert_eq!(fields(q), expected, "{q}");
        }
    }

    #[test]
    fn a_search_leaves_out_the_other_texts_but_not_the_switches() {
        let query = found("search=ann&username=bob&exact=true&idpAlias=x&enabled=false&q=team:red");
        assert_eq!((query.search.as_deref(), query.username, query.identity_provider), (Some("ann"), None, None));
        assert_eq!((query.matching, query.enabled, query.attributes.len()), (Matching::Part, Some(false), 1));
    }

    #[test]
    fn service_accounts_are_shown_only_where_something_else_than_a_search_is_asked_for() {
        for (query, expected) in [
            ("", ServiceAccounts::Leave),
            ("first=0&max=5&briefRepresentation=true", ServiceAccounts::Leave),
            ("search=service", ServiceAccounts::Leave),
            ("lastName=&q=team&enabled=", ServiceAccounts::Leave),
            ("username=service", ServiceAccounts::Include),
            ("enabled=maybe", ServiceAccounts::Include),
            ("q=enabled:true", ServiceAccounts::Include),
            ("q=a:b", ServiceAccounts::Include),
        ] {
            assert_eq!(found(query).service_accounts, expected, "{query}");
        }
    }

    #[test]
    fn ids_are_taken_from_a_search_and_bounds_from_the_page() {
        let ids = read(&Query::parse("search=id:a%20b&enabled=false&max=0")).unwrap();
        assert_eq!(ids, Search::Ids(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(read(&Query::parse("search=id:")).unwrap(), Search::Ids(vec![]));
        let page = found("first=2&max=0");
        assert_eq!((page.first, page.max), (2, Some(0)));
        assert_eq!(found("first=-1&max=-1"), UserQuery::default());
        assert!(read(&Query::parse("max=two")).is_err());
    }
}
