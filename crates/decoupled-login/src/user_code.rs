//! The code that a user types (RFC 8628 section 6.1).

use ambient::Entropy;

/// Letters in a code; Keycloak: `XXXX-XXXX` of A to Z.
const LETTERS: usize = 8;

/// A new code, every letter equally likely.
pub(crate) fn user_code(entropy: &dyn Entropy) -> String {
    let mut code = String::with_capacity(LETTERS + 1);
    let mut letters = 0;
    while letters < LETTERS {
        let mut byte = [0];
        entropy.fill(&mut byte);
        let [byte] = byte;
        // 234 = 9 × 26: what is above would come as some letters more often than as others.
        if byte >= 234 {
            continue;
        }
        if letters == LETTERS / 2 {
            code.push('-');
        }
        code.push(char::from(b'A' + byte % 26));
        letters += 1;
    }
    code
}

#[cfg(test)]
mod tests {
    use ambient::SeededEntropy;

    use super::*;

    #[test]
    fn a_code_is_eight_letters_with_a_dash_between() {
        let entropy = SeededEntropy::new(1);
        for _ in 0..100 {
            let code = user_code(&entropy);
            let (left, right) = code.split_once('-').unwrap();
            assert!(
                left.len() == 4 && right.len() == 4 && (left.to_owned() + right).bytes().all(|b| b.is_ascii_uppercase()),
                "{code}"
            );
        }
    }
}
