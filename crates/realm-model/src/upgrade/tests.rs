//! Real exports of older versions become what Keycloak 26.7.4 made of them; small files, one for each rule.

mod exports;
mod old_shapes;
mod rules;

use serde_json::{Value, from_value};

use super::{Upgraded, upgrade};
use crate::document::Body;

fn body(value: Value) -> Body {
    from_value(value).unwrap()
}

/// The file after the upgrade, and what was said.
fn upgraded(file: Value) -> (Value, Vec<String>) {
    let mut realm = body(file);
    let said = upgrade(&mut realm).iter().map(Upgraded::to_string).collect();
    (Value::Object(realm), said)
}
