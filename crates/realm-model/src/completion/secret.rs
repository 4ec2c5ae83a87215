//! Secrets that the server makes up.

use ambient::Entropy;

/// A client secret as Keycloak makes it: 86 letters and digits, 512 bits.
pub fn client_secret(entropy: &dyn Entropy) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const LENGTH: usize = 86;
    let mut secret = String::with_capacity(LENGTH);
    while secret.len() < LENGTH {
        let mut bytes = [0; 128];
        entropy.fill(&mut bytes);
        // 248 is the largest multiple of 62 in a byte: each letter is as likely as any other.
        let fair = bytes.into_iter().filter(|byte| *byte < 248);
        let letters = fair.filter_map(|byte| LETTERS.get(usize::from(byte % 62)).copied().map(char::from));
        secret.extend(letters.take(LENGTH - secret.len()));
    }
    secret
}
