use super::*;

/// Validator, value, and the words with the parameters behind the attribute's name.
#[test]
fn values_are_refused_in_the_words_of_the_real_server() {
    for (validator, config, value, expected) in [
        ("length", json!({"min": 2}), "a", json!(["error-invalid-length-too-short", 2, null])),
        ("length", json!({"max": 2}), "abc", json!(["error-invalid-length-too-long", null, 2])),
        ("length", json!({"max": 2}), " a ", json!([])),
        ("length", json!({"min": 2, "max": 3}), " a ", json!(["error-invalid-length", 2, 3])),
        ("length", json!({"min": 2, "max": 3, "trim-disabled": true}), " a ", json!([])),
        ("length", json!({"min": 2, "max": 3, "trim-disabled": true}), "    ", json!(["error-invalid-length", 2, 3])),
        ("length", json!({"min": 2}), "", json!([])),
        ("integer", json!({}), "1.5", json!(["error-invalid-number"])),
        ("integer", json!({}), " 1", json!(["error-invalid-number"])),
        ("integer", json!({}), "-3", json!([])),
        ("integer", json!({"min": 2, "max": 5}), "6", json!(["error-number-out-of-range", 2, 5])),
        ("integer", json!({"min": 2}), "1", json!(["error-number-out-of-range-too-small", 2, null])),
        ("integer", json!({"max": 2}), "3", json!(["error-number-out-of-range-too-big", null, 2])),
        ("double", json!({"min": 1.5, "max": 2.5}), "1e0", json!(["error-number-out-of-range", 1.5, 2.5])),
        ("double", json!({"min": 1.5, "max": 2.5}), "2", json!([])),
        ("email", json!({}), "nope", json!(["error-invalid-email", "nope"])),
        ("uri", json!({}), "nope", json!(["error-invalid-uri", "nope", "URI is not absolute"])),
        ("uri", json!({}), "ftp://x.y", json!(["error-invalid-uri-scheme", "ftp://x.y", "ftp"])),
        (
            "uri",
            json!({}),
            "http://a b",
            json!(["error-invalid-uri", "http://a b", "Illegal character in authority at index 8: http://a b"]),
        ),
        ("uri", json!({}), "https://x.y/#f", json!([])),
        ("options", json!({"options": ["a", "b"]}), "c", json!(["error-invalid-value"])),
        ("options", json!({"options": ["a", "b"]}), "b", json!([])),
        ("local-date", json!({}), "2020-01-01", json!(["error-invalid-date"])),
        ("local-date", json!({}), "1/2/20", json!([])),
        ("iso-date", json!({}), "2020-13-01", json!(["error-invalid-date", "2020-13-01"])),
        ("iso-date", json!({}), "2020-02-29", json!([])),
        ("pattern", json!({"pattern": "^a+$"}), "b", json!(["error-pattern-no-match", "^a+$"])),
        ("pattern", json!({"pattern": "a"}), "bab", json!(["error-pattern-no-match", "a"])),
        ("pattern", json!({"pattern": "a", "error-message": "own"}), "b", json!(["own", "a"])),
        ("person-name-prohibited-characters", json!({"error-message": "own"}), "a<", json!(["own"])),
        ("up-username-not-idn-homograph", json!({}), "аdmin", json!(["error-username-invalid-character"])),
        ("up-username-not-idn-homograph", json!({}), "admin", json!([])),
        ("of-another-server", json!({}), "x", json!([])),
    ] {
        let found = fault((validator, config.as_object().unwrap()), value);
        let found: Vec<Value> = found.into_iter().flat_map(|(words, rest)| std::iter::once(json!(words)).chain(rest)).collect();
        assert_eq!(json!(found), expected, "{validator} {config} {value}");
    }
}

#[test]
fn names_are_judged_by_their_characters() {
    fn fits(validator: &str, value: &str) -> bool {
        fault((validator, &Body::new()), value).is_none()
    }
    let username = |value: &str| fits("username-prohibited-characters", value) && fits("up-username-not-idn-homograph", value);
    for name in ["ädmin", "a@b.c", "a_-.+b", "UPPER", "abc\u{200b}", "ab😀"] {
        assert!(username(name), "{name}");
    }
    for name in [
        "  ann  ",
        "a b",
        "аdmin",
        "a&b",
        "a\"b",
        "a'b",
        "a/b",
        "a$b",
        "a\tb",
        "a#b",
        "a%b",
        "a(b",
        "日本語",
        "i\u{307}stan",
        "a=b",
        "a!b",
        "a:b",
        "a;b",
        "a,b",
        "a[b",
        "a{b",
        "a|b",
        "a\\b",
        "a~b",
        "a`b",
        "a^b",
        "a*b",
        "a?b",
        "a>b",
    ] {
        assert!(!username(name), "{name}");
    }
    for name in ["a", "  ", "O'Neil", "Jean-Luc", "a.b", "a,b", "a@b", "a:b"] {
        assert!(fits("person-name-prohibited-characters", name), "{name}");
    }
    for letter in "\"<&{$#%=;/(\\!?|*[^\n".chars() {
        assert!(!fits("person-name-prohibited-characters", &format!("a{letter}b")), "{letter}");
    }
}
