use ambient::Entropy;

/// `length` letters of `alphabet` (at most 256 of them), each as likely as any other.
pub(crate) fn random_text(entropy: &dyn Entropy, alphabet: &[u8], length: usize) -> String {
    let fair = 256 - 256 % alphabet.len().max(1);
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        let letters = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        let letters = letters.filter_map(|byte| alphabet.get(byte % alphabet.len().max(1)));
        let missing = length.saturating_sub(text.len());
        text.extend(letters.take(missing).map(|letter| char::from(*letter)));
    }
    text
}
