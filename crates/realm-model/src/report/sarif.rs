//! SARIF 2.1.0, which code scanning of forges and editors read.

use serde_json::{Map, Value, json};

use super::word;
use crate::Diagnostic;
use crate::lint::RULES;

/// One run with all rules and a result per diagnostic.
pub fn sarif(diagnostics: &[Diagnostic]) -> Value {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": { "text": rule.summary },
                "defaultConfiguration": { "level": word(rule.severity) },
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "latchkey lint",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": diagnostics.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn result(diagnostic: &Diagnostic) -> Value {
    let text = match &diagnostic.help {
        Some(help) => format!("{} ({help})", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), diagnostic.rule.into());
    if let Some(index) = RULES.iter().position(|rule| rule.id == diagnostic.rule) {
        result.insert("ruleIndex".to_owned(), index.into());
    }
    result.insert("level".to_owned(), word(diagnostic.severity).into());
    result.insert("message".to_owned(), json!({ "text": text }));
    let mut region = json!({ "startLine": diagnostic.line, "startColumn": diagnostic.column });
    if let Some(region) = region.as_object_mut().filter(|_| diagnostic.mark_length > 0) {
        region.insert("endColumn".to_owned(), (diagnostic.column + diagnostic.mark_length).into());
    }
    let location = json!({ "physicalLocation": { "artifactLocation": { "uri": uri(&diagnostic.file) }, "region": region } });
    result.insert("locations".to_owned(), json!([location]));
    Value::Object(result)
}

/// A path as a relative or absolute URI reference: what cannot stand in one is percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.replace('\\', "/").trim_start_matches("./").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'@' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
