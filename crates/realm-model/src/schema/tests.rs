use super::*;
use crate::file::representation::{ClientRepresentation, UserRepresentation};

fn properties<'s>(schema: &'s Value, name: &str) -> Vec<&'s str> {
    schema["$defs"][name]["properties"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_file_in_the_repository_is_the_schema_of_this_version() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/realm.schema.json");
    let text = serde_json::to_string_pretty(&json_schema()).unwrap() + "\n";
    if std::env::var_os("LATCHKEY_WRITE_SCHEMA").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "docs/realm.schema.json is of another version: run this test with LATCHKEY_WRITE_SCHEMA=1");
}

#[test]
fn every_field_that_is_read_is_in_the_schema() {
    let schema = json_schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let realm: Vec<_> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    for (known, read) in [
        (realm, RealmRepresentation::FIELDS),
        (properties(&schema, "Client"), ClientRepresentation::FIELDS),
        (properties(&schema, "User"), UserRepresentation::FIELDS),
    ] {
        // Keycloak: 26.7 refuses a file with these two of older versions (asked).
        let gone = ["userCacheEnabled", "realmCacheEnabled"];
        let missing: Vec<_> = read.iter().filter(|name| !known.contains(*name) && !gone.contains(*name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

#[test]
fn every_definition_that_is_named_is_there() {
    let schema = json_schema();
    let text = schema.to_string();
    for part in text.split("\"#/$defs/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schema["$defs"][name].is_object(), "{name}");
    }
    assert!(schema["$defs"]["ProtocolMapper"]["properties"]["protocolMapper"]["examples"].as_array().unwrap().len() > 30);
}

#[test]
fn what_is_said_of_a_field_is_said_of_one_there_is() {
    let schema = json_schema();
    let said = schema.to_string().matches("\"description\":\"").count();
    assert!(said >= 90, "{said}: a row of the table names no field");
}
