use super::*;

fn policy(text: &str) -> PasswordPolicy {
    let parts = text.split(" and ").filter(|part| !part.is_empty()).map(|part| match part.split_once('(') {
        Some((id, value)) => (id.to_owned(), Some(value.strip_suffix(')').unwrap().to_owned())),
        None => (part.to_owned(), None),
    });
    PasswordPolicy::of(&parts.collect::<Vec<_>>())
}

fn refusal(policy_text: &str, password: &str) -> Option<String> {
    let owner = Owner { username: "ann", email: Some("ann@example.org") };
    let policy = policy(policy_text);
    policy.rules().find_map(|rule| match rule {
        Rule::Shape(id, value) => refuse_shape((id, value), password, owner).err().map(|refusal| {
            let word = refusal.message_key().strip_prefix("invalidPassword").unwrap().to_owned();
            format!("{word} {refusal}")
        }),
        _ => None,
    })
}

#[test]
fn passwords_are_refused_in_the_words_of_the_real_server() {
    for (policy, password, expected) in [
        ("length(8)", "x", Some("MinLengthMessage minimum length 8.")),
        ("length", "1234567", Some("MinLengthMessage minimum length 8.")),
        ("length(3)", "a😀", None),
        ("maxLength(3)", "abcd", Some("MaxLengthMessage maximum length 3.")),
        ("maxLength(5)", "äöüßé", None),
        ("digits(1)", "alllowercase", Some("MinDigitsMessage must contain at least 1 numerical digits.")),
        ("digits(1)", "٣", None),
        ("upperCase(1)", "abc", Some("MinUpperCaseCharsMessage must contain at least 1 upper case characters.")),
        ("upperCase(1)", "äÄ", None),
        ("lowerCase(1)", "ABC", Some("MinLowerCaseCharsMessage must contain at least 1 lower case characters.")),
        ("specialChars(1)", "abc", Some("MinSpecialCharsMessage must contain at least 1 special characters.")),
        ("specialChars(2)", "ä!x_", None),
        ("notUsername(undefined)", "ANN", Some("NotUsernameMessage must not be equal to the username.")),
        ("notContainsUsername(undefined)", "xANNx", Some("NotContainsUsernameMessage Can not contain the username.")),
        ("notEmail(undefined)", "Ann@example.org", Some("NotEmailMessage must not be equal to the email.")),
        ("regexPattern(^x.*$)", "abc", Some("RegexPatternMessage fails to match regex pattern(s).")),
        ("regexPattern([0-9]+)", "abc1", Some("RegexPatternMessage fails to match regex pattern(s).")),
        ("regexPattern((?=.*[a-z]).*)", "abc", None),
        (
            "length(8) and digits(2) and upperCase(1)",
            "a",
            Some("MinUpperCaseCharsMessage must contain at least 1 upper case characters."),
        ),
        ("digits(2) and length(8)", "a", Some("MinLengthMessage minimum length 8.")),
        ("hashAlgorithm(argon2) and forceExpiredPasswordChange(365)", "a", None),
        ("", "a", None),
    ] {
        assert_eq!(refusal(policy, password).as_deref(), expected, "{policy} {password}");
    }
}

#[test]
fn history_keeps_the_passwords_before_the_present_one() {
    for (text, before, days) in [("passwordHistory(3)", 2, 0), ("passwordHistory(0)", 0, 0), ("", 0, 0), ("passwordAge(2)", 0, 2)]
    {
        let policy = policy(text);
        assert_eq!((policy.kept_before(), policy.kept_days()), (before, days), "{text}");
    }
}
