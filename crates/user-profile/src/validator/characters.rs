//! Characters of names.

/// A username: no blanks, no marks but a few.
pub(super) fn is_username(text: &str) -> bool {
    const PROHIBITED: &str = "<>&\"'$%!#?§,;:*~/\\|^=[]{}()`";
    text.chars().all(|letter| !letter.is_whitespace() && !letter.is_ascii_control() && !PROHIBITED.contains(letter))
}

/// A name of a person.
pub(super) fn is_person_name(text: &str) -> bool {
    const PROHIBITED: &str = "<>&\"$%!#?§;*~/\\|^=[]{}()";
    text.chars().all(|letter| !letter.is_ascii_control() && letter != '\u{b}' && !PROHIBITED.contains(letter))
}

/// Letters of the Latin script, and what is of no script: letters of others look alike.
pub(super) fn is_latin(text: &str) -> bool {
    text.chars().all(|letter| match letter {
        // Marks that combine with letters of any script.
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' => false,
        letter if !letter.is_alphabetic() => true,
        'A'..='Z' | 'a'..='z' | 'ª' | 'µ' | 'º' => true,
        '\u{c0}'..='\u{2b8}' | '\u{1d00}'..='\u{1d25}' | '\u{1d2c}'..='\u{1d5c}' | '\u{1d62}'..='\u{1d65}' => true,
        '\u{1d6b}'..='\u{1d77}' | '\u{1d79}'..='\u{1dbe}' | '\u{1e00}'..='\u{1eff}' | '\u{2071}' | '\u{207f}' => true,
        '\u{2090}'..='\u{209c}' | '\u{212a}' | '\u{212b}' | '\u{2160}'..='\u{2188}' | '\u{2c60}'..='\u{2c7f}' => true,
        '\u{a722}'..='\u{a7ff}' | '\u{ab30}'..='\u{ab64}' | '\u{fb00}'..='\u{fb06}' => true,
        '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => true,
        _ => false,
    })
}
