use proptest::prelude::*;

use super::*;

fn formatted(text: &str) -> String {
    format(text).unwrap()
}

const ANYHOW: &str = r#"{"zeta": 1, "clients": [{"redirectUris": ["https://b/*", "https://a/*"], "clientId": "b"},
      {"clientId": "a", "attributes": {"y": "1", "x": "2"}, "webOrigins": ["+"]}], "alpha": {"b": 1, "a": 2},
      "enabled": true, "realm": "r", "$schema": "s",
      "components": {"k": [{"config": {"priority": ["200"], "b": []}, "name": "z"}, {"name": "a"}]},
      "authenticationFlows": [{"alias": "f", "authenticationExecutions": [{"priority": 20, "authenticator": "b"}, {"priority": 10, "authenticator": "a"}]}],
      "users": [{"username": "b", "credentials": [{"value": "2"}, {"value": "1"}]}, {"username": "a"}]}"#;

const CANONICAL: &str = r#"{
  "$schema": "s",
  "realm": "r",
  "enabled": true,
  "users": [
    {
      "username": "a"
    },
    {
      "username": "b",
      "credentials": [
        {
          "value": "2"
        },
        {
          "value": "1"
        }
      ]
    }
  ],
  "clients": [
    {
      "clientId": "a",
      "webOrigins": ["+"],
      "attributes": {
        "x": "2",
        "y": "1"
      }
    },
    {
      "clientId": "b",
      "redirectUris": [
        "https://a/*",
        "https://b/*"
      ]
    }
  ],
  "components": {
    "k": [
      {
        "name": "a"
      },
      {
        "name": "z",
        "config": {
          "b": [],
          "priority": ["200"]
        }
      }
    ]
  },
  "authenticationFlows": [
    {
      "alias": "f",
      "authenticationExecutions": [
        {
          "authenticator": "b",
          "priority": 20
        },
        {
          "authenticator": "a",
          "priority": 10
        }
      ]
    }
  ],
  "alpha": {
    "b": 1,
    "a": 2
  },
  "zeta": 1
}
"#;

#[test]
fn members_and_sets_have_one_order_and_everything_else_stays() {
    assert_eq!(formatted(ANYHOW), CANONICAL);
    assert_eq!(formatted(CANONICAL), CANONICAL);
}

#[test]
fn numbers_escapes_and_placeholders_stay_as_they_were_written() {
    let text = r#"{"realm":"${REALM:a}","notBefore":1e3,"displayName":"\u00e4 \/ ${role_x}","accessTokenLifespan":${LIFE:300},"x":12345678901234567890123,"clients":[${MORE:}]}"#;
    let expected = "{\n  \"realm\": \"${REALM:a}\",\n  \"displayName\": \"\\u00e4 \\/ ${role_x}\",\n  \"notBefore\": 1e3,\n  \"accessTokenLifespan\": ${LIFE:300},\n  \"clients\": [${MORE:}],\n  \"x\": 12345678901234567890123\n}\n";
    assert_eq!(formatted(text), expected);
    assert_eq!(formatted(expected), expected);
}

#[test]
fn an_entity_in_a_file_of_its_own_is_known_by_its_members() {
    let client = formatted(r#"{"enabled": true, "redirectUris": ["b", "a"], "clientId": "c"}"#);
    assert_eq!(client, "{\n  \"clientId\": \"c\",\n  \"enabled\": true,\n  \"redirectUris\": [\n    \"a\",\n    \"b\"\n  ]\n}\n");
    let user = formatted(r#"{"enabled": true, "email": "a@b", "username": "u"}"#);
    assert!(user.starts_with("{\n  \"username\": \"u\",\n  \"email\""), "{user}");
    assert_eq!(
        formatted("[{\"enabled\":true,\"realm\":\"r\"}]"),
        "[\n  {\n    \"realm\": \"r\",\n    \"enabled\": true\n  }\n]\n"
    );
}

#[test]
fn what_is_no_json_is_told_with_its_position() {
    let wrong = format("{\"realm\": \"r\",\n  \"enabled\" true}").unwrap_err();
    assert_eq!((wrong.line, wrong.column, wrong.rule), (2, 13, "syntax"));
}

#[test]
fn a_realm_is_sorted_as_its_file_would_be() {
    let text = r#"{"b": 1, "clients": [{"clientId": "z"}, {"clientId": "a", "secret": "s"}], "realm": "r"}"#;
    let Value::Object(mut realm) = serde_json::from_str(text).unwrap() else { unreachable!() };
    sort_realm(&mut realm);
    let written = serde_json::to_string(&realm).unwrap();
    assert_eq!(written, r#"{"realm":"r","clients":[{"clientId":"a","secret":"s"},{"clientId":"z"}],"b":1}"#);
}

/// Equal as Keycloak reads them: sets without their order.
fn same(one: &str, other: &str) -> bool {
    fn sorted(value: Value) -> Value {
        match value {
            Value::Array(values) => {
                let mut values: Vec<Value> = values.into_iter().map(sorted).collect();
                values.sort_by_key(ToString::to_string);
                Value::Array(values)
            }
            Value::Object(members) => {
                let mut members: Vec<_> = members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
                members.sort_by(|one, other| one.0.cmp(&other.0));
                Value::Object(members.into_iter().collect())
            }
            other => other,
        }
    }
    let read = |text: &str| sorted(serde_json::from_str(&quote_bare(text)).unwrap());
    read(one) == read(other)
}

fn value() -> impl Strategy<Value = Value> {
    let names = ["realm", "clients", "clientId", "redirectUris", "roles", "name", "config", "attributes", "users", "zz", "ä\"\\"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::from),
        "[a-c\"\\\\ä\n]{0,3}|\\$\\{[A-C]\\}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        let name = proptest::sample::select(names.to_vec());
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::vec((name, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formatting_again_changes_nothing_and_no_value_is_lost(value in value()) {
        let text = value.to_string();
        let once = formatted(&text);
        prop_assert!(same(&text, &once), "{}", once);
        prop_assert_eq!(formatted(&once), once);
    }
}

#[test]
fn every_shared_realm_keeps_its_values() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/keycloak/realms");
    for name in ["acme", "legacy", "sbc", "strict"] {
        let text = std::fs::read_to_string(folder.join(std::format!("{name}.json"))).unwrap();
        let once = formatted(&text);
        assert!(same(&text, &once), "{name}");
        assert_eq!(formatted(&once), once, "{name}");
    }
}
