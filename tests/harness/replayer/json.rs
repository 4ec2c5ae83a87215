//! JSON as the recorder writes it: `dumps` is the text by which unordered lists were sorted.

use std::fmt::Write as _;

use serde_json::Value;

/// The text of `value` with `", "` and `": "` between things and everything beyond ASCII escaped.
pub fn dumps(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, Keys::AsTheyCome);
    out
}

/// As [`dumps`], with the keys of objects in order: what lists are sorted by.
pub fn sorting_key(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, Keys::Sorted);
    out
}

/// Sorts `list` as a recording does.
pub fn sort(list: &mut [Value]) {
    list.sort_by_cached_key(sorting_key);
}

#[derive(Clone, Copy)]
enum Keys {
    AsTheyCome,
    Sorted,
}

fn write(out: &mut String, value: &Value, keys: Keys) {
    match value {
        Value::String(text) => quote(out, text),
        Value::Array(list) => {
            out.push('[');
            for (at, item) in list.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write(out, item, keys);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut rows: Vec<_> = map.iter().collect();
            if matches!(keys, Keys::Sorted) {
                rows.sort_by_key(|(name, _)| *name);
            }
            out.push('{');
            for (at, (name, item)) in rows.into_iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                quote(out, name);
                out.push_str(": ");
                write(out, item, keys);
            }
            out.push('}');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}
