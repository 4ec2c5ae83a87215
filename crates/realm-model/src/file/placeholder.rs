//! Environment placeholders, replaced in the text before it is read as JSON, as Keycloak does (wire.md section 8.2).

use std::borrow::Cow;

/// A piece of the text that was replaced.
struct Shift {
    /// Where it begins in the text after replacement, and its length there.
    new: (usize, usize),
    /// Where it began in the file, and its length there.
    old: (usize, usize),
}

/// A text whose placeholders are replaced, and the way back to where its parts stood in the file.
pub(crate) struct Expanded<'t> {
    pub(crate) text: Cow<'t, str>,
    shifts: Vec<Shift>,
}

impl Expanded<'_> {
    /// Where the byte at `at` of the expanded text stands in the file.
    pub(crate) fn origin_of(&self, at: usize) -> usize {
        match self.shifts.iter().rev().find(|s| s.new.0 <= at) {
            None => at,
            Some(shift) if at < shift.new.0 + shift.new.1 => shift.old.0,
            Some(shift) => at - (shift.new.0 + shift.new.1) + shift.old.0 + shift.old.1,
        }
    }
}

/// The value of a placeholder; `None` where it stays as it is.
fn resolve(inner: &str, env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    if inner.starts_with("env.") || inner.starts_with("file:") {
        return None;
    }
    let (name, default) = match inner.split_once(':') {
        Some((name, default)) => (name, Some(default)),
        None => (inner, None),
    };
    if name.is_empty() {
        return None;
    }
    env(name).or_else(|| default.map(str::to_owned))
}

/// Replaces `${NAME}` and `${NAME:default}`; what has no value and no default stays as it is, message keys such as
/// `${role_admin}` among them. `$${NAME}` and `${env.NAME}` stay too.
pub(crate) fn expand<'t>(text: &'t str, env: &dyn Fn(&str) -> Option<String>) -> Expanded<'t> {
    let mut expanded = String::new();
    let mut shifts = Vec::new();
    let mut copied = 0;
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find("${")).map(|found| from + found) {
        from = start + 2;
        let escaped = start > 0 && text.as_bytes().get(start - 1) == Some(&b'$');
        let inner = text.get(from..).and_then(|rest| rest.split_once(['}', '\n'])).map(|(inner, _)| inner);
        let Some(inner) = inner.filter(|inner| !escaped && text.as_bytes().get(from + inner.len()) == Some(&b'}')) else {
            continue;
        };
        let end = from + inner.len() + 1;
        if let Some(value) = resolve(inner, env) {
            expanded.push_str(text.get(copied..start).unwrap_or_default());
            shifts.push(Shift { new: (expanded.len(), value.len()), old: (start, end - start) });
            expanded.push_str(&value);
            copied = end;
            from = end;
        }
    }
    if shifts.is_empty() {
        return Expanded { text: Cow::Borrowed(text), shifts };
    }
    expanded.push_str(text.get(copied..).unwrap_or_default());
    Expanded { text: Cow::Owned(expanded), shifts }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> String {
        let env = |name: &str| match name {
            "HOST" => Some("idp.example".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        expand(text, &env).text.into_owned()
    }

    #[test]
    fn replaces_what_the_environment_has_and_leaves_the_rest() {
        for (text, becomes) in [
            ("https://${HOST}/x", "https://idp.example/x"),
            ("${NONE:http://d:80}", "http://d:80"),
            ("${HOST:other}", "idp.example"),
            ("a${EMPTY}b", "ab"),
            ("${EMPTY:d}", ""),
            ("${NONE:}", ""),
            ("${role_admin} ${role_offline-access}", "${role_admin} ${role_offline-access}"),
            ("resource_access.${client_id}.roles", "resource_access.${client_id}.roles"),
            ("${env.HOST} $${HOST}", "${env.HOST} $${HOST}"),
            ("${file:/run/secrets/x}", "${file:/run/secrets/x}"),
            ("${", "${"),
            ("${}${:x}", "${}${:x}"),
            ("${HO\nST}", "${HO\nST}"),
        ] {
            assert_eq!(expanded(text), becomes, "{text}");
        }
    }

    #[test]
    fn knows_where_everything_stood() {
        let text = "a ${X} b ${X} c";
        let expanded = expand(text, &|_| Some("12345678".to_owned()));
        assert_eq!(expanded.text, "a 12345678 b 12345678 c");
        assert_eq!(expanded.origin_of(0), 0);
        assert_eq!(expanded.origin_of(5), 2, "inside the value: where the placeholder begins");
        assert_eq!(expanded.origin_of(11), text.find('b').unwrap());
        assert_eq!(expanded.origin_of(22), text.find('c').unwrap());
    }
}
