use std::borrow::Cow;

/// Fills a pattern as Java's MessageFormat does: `{0}` is the first argument, `''` an apostrophe, and between single ones nothing is
/// special. A place without an argument stays as it is written. `{0,choice,0#none|1#one|1<many}` chooses by number; other formats are ignored.
pub fn format<'a>(pattern: &'a str, arguments: &[Cow<'_, str>]) -> Cow<'a, str> {
    if !pattern.contains(['\'', '{']) {
        return Cow::Borrowed(pattern);
    }
    let mut out = String::with_capacity(pattern.len() + 32);
    let (mut rest, mut quoted) = (pattern, false);
    while let Some((text, found)) = rest.find(['\'', '{']).and_then(|at| rest.split_at_checked(at)) {
        out.push_str(text);
        if let Some(after) = found.strip_prefix("''") {
            out.push('\'');
            rest = after;
        } else if let Some(after) = found.strip_prefix('\'') {
            quoted = !quoted;
            rest = after;
        } else if quoted {
            out.push('{');
            rest = found.get(1..).unwrap_or_default();
        } else {
            rest = place(found, arguments, &mut out);
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Writes what stands for the place that `text` begins with; gives what follows it.
fn place<'t>(text: &'t str, arguments: &[Cow<'_, str>], out: &mut String) -> &'t str {
    let Some((inner, after)) = text.get(1..).and_then(|text| text.split_once('}')) else {
        out.push_str(text);
        return "";
    };
    let mut parts = inner.splitn(3, ',').map(str::trim);
    let argument = parts.next().and_then(|number| number.parse::<usize>().ok()).and_then(|number| arguments.get(number));
    match (argument, parts.next(), parts.next()) {
        (Some(argument), Some("choice"), Some(choices)) => out.push_str(choose(choices, argument)),
        (Some(argument), _, _) => out.push_str(argument),
        (None, _, _) => {
            out.push('{');
            out.push_str(inner);
            out.push('}');
        }
    }
    after
}

/// The last choice whose limit is reached: `0#a|1#b|1<c`.
fn choose<'t>(choices: &'t str, argument: &str) -> &'t str {
    let number: f64 = argument.parse().unwrap_or_default();
    let mut chosen = "";
    for (at, choice) in choices.split('|').enumerate() {
        let Some((limit, text)) = choice.split_once(['#', '<']) else { continue };
        let limit_number: f64 = limit.trim().parse().unwrap_or_default();
        let beyond = choice.get(limit.len()..).is_some_and(|rest| rest.starts_with('<'));
        if at == 0 || number > limit_number || (!beyond && number >= limit_number) {
            chosen = text;
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(pattern: &str, arguments: &[&str]) -> String {
        let arguments: Vec<_> = arguments.iter().map(|text| Cow::Borrowed(*text)).collect();
        format(pattern, &arguments).into_owned()
    }

    #[test]
    fn fills_places_and_reads_apostrophes_as_java_does() {
        let rows: [(&str, &[&str], &str); 7] = [
            ("Passwords don''t match.", &[], "Passwords don't match."),
            ("minimum length {0}.", &["8"], "minimum length 8."),
            ("{1} and {0}", &["a", "b"], "b and a"),
            ("'{0}' is {0} {7}", &["x"], "{0} is x {7}"),
            ("lone ' is gone", &[], "lone  is gone"),
            ("{0} {0,choice,0#seconds|1#second|1<seconds}", &["1"], "1 second"),
            ("{0} {0,choice,0#seconds|1#second|1<seconds}", &["30"], "30 seconds"),
        ];
        for (pattern, arguments, want) in rows {
            assert_eq!(filled(pattern, arguments), want, "{pattern}");
        }
        assert_eq!(filled("open {0", &["a"]), "open {0");
    }
}
