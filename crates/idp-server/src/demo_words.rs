//! Words that stand in every example: as a secret they protect nothing.

/// Whether everybody would try `secret` first.
pub(crate) fn is_demo_word(secret: &str) -> bool {
    let secret = secret.trim().to_ascii_lowercase();
    let digits_cut = secret.trim_end_matches(|c: char| c.is_ascii_digit());
    DEMO_WORDS.contains(&secret.as_str()) || DEMO_WORDS.contains(&digits_cut)
}

static DEMO_WORDS: &[&str] = &[
    "",
    "admin",
    "change-me",
    "change_me",
    "changeit",
    "changeme",
    "default",
    "demo",
    "example",
    "keycloak",
    "latchkey",
    "letmein",
    "pass",
    "passw0rd",
    "password",
    "qwerty",
    "replace-me",
    "replaceme",
    "root",
    "secret",
    "test",
    "todo",
    "user",
    "welcome",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_stands_in_examples() {
        for word in ["changeme", "Password", "secret", "admin", "password123", "12345678"] {
            assert!(is_demo_word(word), "{word}");
        }
        for word in ["wonderland-1", "s3cr3t", "backend-secret", "correct horse battery staple"] {
            assert!(!is_demo_word(word), "{word}");
        }
    }
}
