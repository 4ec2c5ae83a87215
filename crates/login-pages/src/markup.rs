//! Texts of operators that may hold markup: terms, the name of a realm. Only harmless tags without attributes come through, and links.

use message_texts::write_escaped;

/// Tags that come through, without their attributes.
const TAGS: [&str; 24] = [
    "b",
    "i",
    "em",
    "strong",
    "u",
    "s",
    "small",
    "sub",
    "sup",
    "br",
    "p",
    "div",
    "span",
    "ul",
    "ol",
    "li",
    "h2",
    "h3",
    "h4",
    "hr",
    "code",
    "pre",
    "blockquote",
    "wbr",
];

/// `text` with harmless markup as markup, and everything else as text. References such as `&laquo;` come through.
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    let mut open: Vec<String> = Vec::new();
    while let Some((plain, found)) = rest.find(['<', '&']).and_then(|at| rest.split_at_checked(at)) {
        let _ = write_escaped(&mut out, plain);
        if let Some(length) = reference(found) {
            let (kept, after) = found.split_at_checked(length).unwrap_or((found, ""));
            out.push_str(kept);
            rest = after;
        } else if let Some((kept, after)) = tag(found, &mut open) {
            out.push_str(&kept);
            rest = after;
        } else {
            let mut chars = found.chars();
            let _ = write_escaped(&mut out, chars.next().map_or("", |c| if c == '<' { "<" } else { "&" }));
            rest = chars.as_str();
        }
    }
    let _ = write_escaped(&mut out, rest);
    while let Some(name) = open.pop() {
        out.push_str(&format!("</{name}>"));
    }
    out
}

/// The length of a character reference that `text` begins with.
fn reference(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('&')?;
    let end = inner.find(';').filter(|end| *end > 0 && *end <= 10)?;
    let name = inner.get(..end)?;
    let name = name.strip_prefix('#').unwrap_or(name);
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(end + 2)
}

/// The tag that `text` begins with, made harmless, and what follows it. Tags that are left out give nothing instead.
fn tag<'t>(text: &'t str, open: &mut Vec<String>) -> Option<(String, &'t str)> {
    let (inner, after) = text.strip_prefix('<')?.split_once('>')?;
    let (closing, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
    let name: String = inner.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    if name.is_empty() {
        return None;
    }
    if closing {
        let known = open.last() == Some(&name);
        return Some((
            if known { open.pop().map_or_else(String::new, |name| format!("</{name}>")) } else { String::new() },
            after,
        ));
    }
    if name == "a" {
        let link = address(inner)?;
        let mut out = String::from("<a href=\"");
        let _ = write_escaped(&mut out, &link);
        out.push_str("\" rel=\"noopener noreferrer\" target=\"_blank\">");
        open.push(name);
        return Some((out, after));
    }
    if !TAGS.contains(&name.as_str()) {
        return None;
    }
    let out = format!("<{name}>");
    if !["br", "hr", "wbr"].contains(&name.as_str()) {
        open.push(name);
    }
    Some((out, after))
}

/// The address of a link, when it leads to the web or to a mailbox.
fn address(inner: &str) -> Option<String> {
    let (_, value) = inner.split_once("href=")?;
    let quote = value.chars().next().filter(|c| ['"', '\''].contains(c))?;
    let (link, _) = value.get(1..)?.split_once(quote)?;
    let link = link.trim().replace("&amp;", "&");
    let known = ["https://", "http://", "mailto:", "/"].iter().any(|start| link.to_ascii_lowercase().starts_with(start));
    known.then_some(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_harmless_markup_and_shows_everything_else_as_text() {
        let rows = [
            ("a < b & c", "a &lt; b &amp; c"),
            ("<p>Be <B class=x onclick=y>kind</B></p>", "<p>Be <b>kind</b></p>"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)"),
            ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
            ("&laquo; &copy &#60;", "&laquo; &amp;copy &#60;"),
            ("<a href=\"javascript:alert(1)\">x</a>", "&lt;a href=&quot;javascript:alert(1)&quot;&gt;x"),
            ("<b>open", "<b>open</b>"),
            (
                "<a href='https://e.org/?a=1&amp;b=\"'>t</a>",
                "<a href=\"https://e.org/?a=1&amp;b=&quot;\" rel=\"noopener noreferrer\" target=\"_blank\">t</a>",
            ),
        ];
        for (text, want) in rows {
            assert_eq!(harmless(text), want, "{text}");
        }
    }
}
