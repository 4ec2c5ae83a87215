use std::fmt;

/// HTML escaping for text and quoted attributes. `&` becomes `&amp;` and nothing else: some clients read the action of a form without
/// decoding references, and a `#` in it would cut their URL.
#[derive(Clone, Copy, Debug, Default)]
pub struct Html;

impl askama::filters::Escaper for Html {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        message_texts::write_escaped(&mut dest, string)
    }
}
