//! Placeholders are for those who write realm files. What comes over the wire must not become one: whoever may set the display name
//! of a realm would read the server's environment and its files of secrets.

use realm_model::{Placeholders, resolve};
use serde_json::Value;

/// What marks a placeholder outside of quotes where it is stored.
const MARKER: char = '\u{fdd0}';

/// Makes each text of `value` one in which nothing is replaced.
pub fn make_inert(value: &mut Value, placeholders: &dyn Placeholders) {
    match value {
        Value::String(text) => make_text_inert(text, placeholders),
        Value::Array(list) => list.iter_mut().for_each(|value| make_inert(value, placeholders)),
        Value::Object(members) => {
            members.values_mut().for_each(|value| make_inert(value, placeholders));
            if members.keys().any(|name| name.contains("${")) {
                let renamed = std::mem::take(members).into_iter().map(|(mut name, value)| {
                    make_text_inert(&mut name, placeholders);
                    (name, value)
                });
                *members = renamed.collect();
            }
        }
        _ => {}
    }
}

/// Makes `text` one in which nothing is replaced. Message keys such as `${role_admin}` stay: they have no value.
pub fn make_text_inert(text: &mut String, placeholders: &dyn Placeholders) {
    if !text.contains("${") {
        return;
    }
    text.retain(|letter| letter != MARKER);
    if is_replaced(text, placeholders) {
        *text = text.replace("${", "$${");
    }
    while is_replaced(text, placeholders) {
        *text = text.replace("${", "{");
    }
}

/// Likewise for parts of a path: some are written as they stand there.
pub fn made_inert(mut texts: Vec<String>, placeholders: &dyn Placeholders) -> Vec<String> {
    texts.iter_mut().for_each(|text| make_text_inert(text, placeholders));
    texts
}

/// Whether anything in `text` is replaced, now or on another day: variables and files may come later.
fn is_replaced(text: &str, placeholders: &dyn Placeholders) -> bool {
    let quoted = Value::from(text).to_string();
    resolve(&quoted, &Any(placeholders)) != quoted
}

/// Every file is there, and every variable whose name is written as those of the environment are.
struct Any<'p>(&'p dyn Placeholders);

impl Placeholders for Any<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        let may_come = !name.contains(|letter: char| letter.is_ascii_lowercase());
        if may_come { Some(String::new()) } else { self.0.variable(name) }
    }

    fn file(&self, _: &str) -> std::io::Result<String> {
        Ok(String::new())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn variable(name: &str) -> Option<String> {
        (name == "SECRET").then(|| "s3cret".to_owned())
    }

    #[test]
    fn nothing_that_came_over_the_wire_is_replaced() {
        for (given, kept) in [
            ("${role_admin}", true),
            ("plain", true),
            ("a ${SECRET} b", false),
            ("${SECRET:x}", false),
            ("${nope:default}", false),
            ("${file:/etc/passwd}", false),
            ("${NOT_THERE_YET}", false),
            ("$${SECRET}${SECRET}", false),
            ("$$${SECRET}", false),
            ("\u{fdd0}${SECRET}", false),
        ] {
            let sent = json!({ "a": [given], given: 1 });
            let mut value = sent.clone();
            make_inert(&mut value, &variable);
            let text = value.to_string();
            assert_eq!(resolve(&text, &variable), text, "{given}");
            assert_eq!(value == sent, kept, "{given}");
            let once = made_inert(vec![given.to_owned()], &variable);
            assert_eq!((once.join("") == given, made_inert(once.clone(), &variable)), (kept, once), "{given}");
        }
    }
}
