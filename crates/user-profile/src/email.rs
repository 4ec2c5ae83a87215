//! Whether a text is an e-mail address, as Keycloak judges it.

const LONGEST_LOCAL: usize = 64;
const LONGEST_LABEL: usize = 63;
const LONGEST_DOMAIN: usize = 255;

/// `local@domain`
pub fn is_email(text: &str) -> bool {
    match text.rsplit_once('@') {
        Some((local, domain)) => is_local(local) && is_domain(domain),
        None => false,
    }
}

fn is_local(local: &str) -> bool {
    if local.encode_utf16().count() > LONGEST_LOCAL {
        return false;
    }
    if let Some(quoted) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return !quoted.is_empty() && is_quoted(quoted);
    }
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_of_atom))
}

fn is_of_atom(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(letter) || letter >= '\u{80}'
}

fn is_quoted(quoted: &str) -> bool {
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        let fits = match letter {
            '\\' => matches!(letters.next(), Some('\\' | '"')),
            '"' => false,
            letter => is_of_atom(letter) || ".(),<>[]:; @".contains(letter),
        };
        if !fits {
            return false;
        }
    }
    true
}

fn is_domain(domain: &str) -> bool {
    if let Some(address) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address = address.strip_prefix("IPv6:").unwrap_or(address);
        return address.parse::<std::net::IpAddr>().is_ok();
    }
    domain.len() <= LONGEST_DOMAIN && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let of_label = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter >= '\u{80}';
    !label.is_empty()
        && label.chars().count() <= LONGEST_LABEL
        && label.chars().all(of_label)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_judged_as_the_real_server_does() {
        let long = |count: usize| "a".repeat(count);
        for text in ["a@b", "a@b.c", "\"a b\"@c.d", "ä@b.c", "a@ä.de", "a@[127.0.0.1]", "a@127.0.0.1", "a+b@c.d", "A@B.DE"] {
            assert!(is_email(text), "{text}");
        }
        for text in [
            "no-mail", "a b@c.d", "a@b..c", "@b.c", "a@", "a.@b.c", ".a@b.c", "a..b@c.d", " x@y.z ", "a@b@c", "a@-b.c",
            "a@b_c.d", "a,b@c.d", "",
        ] {
            assert!(!is_email(text), "{text}");
        }
        assert!(is_email(&format!("{}@b.c", long(64))) && !is_email(&format!("{}@b.c", long(65))));
        assert!(is_email(&format!("a@{}.de", long(63))) && !is_email(&format!("a@{}.de", long(64))));
    }
}
