//! Unknown fields and values of the wrong kind, all of a file in one walk.

use serde_json::Value;

use super::finding::{At, Complete, Findings};
use super::rules;
use super::view::Object;
use crate::file::shape::{Entity, Shape};

/// Looks at all of `object`, which stands at `at` and should be `entity`.
pub(crate) fn check(object: &Object, entity: &'static Entity, at: &At<'_>, findings: &mut Findings) {
    for (name, value) in object {
        let here = at.key(name);
        match entity.field(name) {
            Some(field) => value_of(value, &field.shape, &here, findings),
            None => unknown(name, entity, &here, findings),
        }
    }
}

fn unknown(name: &str, entity: &Entity, at: &At<'_>, findings: &mut Findings) {
    // Keycloak: these two kinds of objects it reads without a word.
    let read_over = ["a client scope", "a consent"].contains(&entity.words);
    let message = || match read_over {
        true => format!("{} has no field \"{name}\": Keycloak ignores it, and it has no effect here", entity.words),
        false => format!("{} has no field \"{name}\": Keycloak refuses the import, here it has no effect", entity.words),
    };
    findings.report(&rules::UNKNOWN_FIELD, at, message).nearest(name, entity.fields.iter().map(|field| field.name)).on_the_name();
}

fn value_of(value: &Value, shape: &'static Shape, at: &At<'_>, findings: &mut Findings) {
    let expected = match (shape, value) {
        (Shape::Any, _) | (_, Value::Null) => return,
        (Shape::Text(_), Value::String(_) | Value::Number(_) | Value::Bool(_)) => return,
        (Shape::Flag, Value::Bool(_) | Value::Number(_)) => return,
        (Shape::Flag, Value::String(text)) if is_flag(text) => return,
        (Shape::Whole, Value::Number(number)) if number.as_i64().is_some() || number.as_f64().is_some_and(is_small) => return,
        (Shape::Whole, Value::String(text)) if text.trim().parse::<i64>().is_ok() => return,
        // What has no value yet is told as that.
        (Shape::Flag | Shape::Whole | Shape::Word(_), Value::String(text)) if text.contains("${") => return,
        (Shape::Word(words), Value::String(text)) if words.contains(&text.as_str()) => return,
        (Shape::Word(words), Value::String(text)) => return wrong_word(text, words, at, findings),
        (Shape::Texts, Value::String(_) | Value::Number(_) | Value::Bool(_)) => return,
        (Shape::Texts, Value::Array(values)) => {
            for (index, value) in values.iter().enumerate() {
                value_of(value, &crate::file::shape::TEXT, &at.index(index), findings);
            }
            return;
        }
        (Shape::List(of, _), Value::Array(values)) => {
            for (index, value) in values.iter().enumerate() {
                value_of(value, of, &at.index(index), findings);
            }
            return;
        }
        (Shape::Map(of), Value::Object(members)) => {
            for (name, value) in members {
                value_of(value, of, &at.key(name), findings);
            }
            return;
        }
        (Shape::Object(entity), Value::Object(object)) => return check(object, entity, at, findings),
        (Shape::Text(_), _) => "a text",
        (Shape::Flag, _) => "true or false",
        (Shape::Whole, _) => "a whole number",
        (Shape::Word(_), _) => "one of a few words",
        (Shape::Texts | Shape::List(..), _) => "a list",
        (Shape::Map(_) | Shape::Object(_), _) => "an object",
    };
    findings.report(&rules::WRONG_TYPE, at, || format!("{}: expected {expected}, found {}", at.place(), kind(value)));
}

fn is_flag(text: &str) -> bool {
    matches!(text.trim(), "true" | "True" | "TRUE" | "" | "false" | "False" | "FALSE")
}

fn is_small(number: f64) -> bool {
    number.abs() < 9.0e15
}

fn wrong_word(text: &str, words: &[&str], at: &At<'_>, findings: &mut Findings) {
    let message = || format!("{}: \"{text}\" is none of {}", at.place(), words.join(", "));
    findings.report(&rules::WRONG_TYPE, at, message).nearest(text, words.iter().copied());
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "another text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
