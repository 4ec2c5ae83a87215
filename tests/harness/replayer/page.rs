//! What a script finds in an HTML page: forms, inputs, links, messages. A tokenizer, no tree: pages of any server are read alike.

/// One form, input, button or link: attribute name to value, only those that a recording keeps.
pub type Tag = Vec<(&'static str, Option<String>)>;

/// The value of `name` in `tag`.
pub fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    tag.iter().find(|(key, _)| *key == name).and_then(|(_, value)| value.as_deref())
}

#[derive(Debug, Default)]
pub struct Page {
    pub forms: Vec<Tag>,
    pub inputs: Vec<Tag>,
    pub buttons: Vec<Tag>,
    pub links: Vec<Tag>,
    pub ids: Vec<String>,
    pub title: String,
    pub heading: String,
    pub messages: Vec<String>,
    pub onload: Option<String>,
    pub lang: Option<String>,
    pub page: Option<String>,
    pub said: Vec<String>,
    pub loads: Vec<String>,
    pub frames: Vec<String>,
    pub options: Vec<String>,
    pub items: Vec<String>,
    links_apart: bool,
    open: Vec<(String, Option<Kind>)>,
    sinks: Vec<(Kind, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Title,
    Heading,
    Message,
    Link,
    Item,
    Said,
}

/// Whether the text of a link is part of the message around it.
#[derive(Clone, Copy, PartialEq)]
pub enum LinkText {
    Within,
    Apart,
}

const VOID: [&str; 6] = ["input", "br", "img", "meta", "link", "hr"];

impl Page {
    pub fn read(html: &str, links: LinkText) -> Self {
        let mut page = Self { links_apart: links == LinkText::Apart, ..Self::default() };
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            page.text(&rest[..at]);
            rest = page.markup(&rest[at..]);
        }
        page.text(rest);
        while !page.open.is_empty() {
            page.close_top();
        }
        page
    }

    /// Takes one piece of markup off `rest`, which begins with `<`.
    fn markup<'a>(&mut self, rest: &'a str) -> &'a str {
        if let Some(comment) = rest.strip_prefix("<!--") {
            return comment.find("-->").map_or("", |end| &comment[end + 3..]);
        }
        if rest.starts_with("<!") || rest.starts_with("<?") {
            return rest.find('>').map_or("", |end| &rest[end + 1..]);
        }
        if let Some(end_tag) = rest.strip_prefix("</") {
            let Some(end) = end_tag.find('>') else { return "" };
            let name = end_tag[..end].split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
            self.close(&name);
            return &end_tag[end + 1..];
        }
        if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.text("<");
            return &rest[1..];
        }
        let (name, attributes, closed, after) = start_tag(&rest[1..]);
        self.start(&name, &attributes);
        if closed {
            if !VOID.contains(&name.as_str()) {
                self.close(&name);
            }
            return after;
        }
        if name == "script" || name == "style" {
            let end = after.to_ascii_lowercase().find(&format!("</{name}")).unwrap_or(after.len());
            return &after[end..];
        }
        after
    }

    fn start(&mut self, tag: &str, attributes: &[(String, Option<String>)]) {
        let has = |name: &str| attributes.iter().any(|(key, _)| key == name);
        let get = |name: &str| attributes.iter().rev().find(|(key, _)| key == name).and_then(|(_, value)| value.clone());
        let ident = get("id").filter(|id| !id.is_empty());
        self.ids.extend(ident.clone());
        match tag {
            "form" => {
                let method = get("method").filter(|m| !m.is_empty()).unwrap_or_else(|| "get".into()).to_ascii_lowercase();
                self.forms.push(vec![("id", ident.clone()), ("method", Some(method)), ("action", get("action"))]);
            }
            "input" | "select" | "textarea" => {
                let mut row: Tag = ["name", "id", "type", "autocomplete", "value"].map(|name| (name, get(name))).into();
                row.push(("checked", has("checked").then(|| "true".into())));
                self.inputs.push(row);
            }
            "button" => self.buttons.push(["name", "id", "type", "value"].map(|name| (name, get(name))).into()),
            "a" => self.links.push(vec![("id", ident.clone()), ("href", get("href"))]),
            "body" => (self.onload, self.page) = (get("onload"), get("data-page-id")),
            "html" => self.lang = get("lang"),
            "option" => self.options.push(get("value").unwrap_or_default()),
            "iframe" => self.frames.push(get("src").unwrap_or_default()),
            "link" => self.loads.extend(get("href").or(get("src"))),
            "script" => self.loads.extend(get("src").filter(|src| !src.is_empty())),
            _ => {}
        }
        if VOID.contains(&tag) {
            return;
        }
        let kind = kind(tag, ident.as_deref().unwrap_or_default(), &get("class").unwrap_or_default());
        self.open.push((tag.to_owned(), kind));
        self.sinks.extend(kind.map(|kind| (kind, String::new())));
    }

    fn close(&mut self, tag: &str) {
        if self.open.iter().any(|(open, _)| open == tag) {
            while self.close_top().is_some_and(|closed| closed != tag) {}
        }
    }

    fn close_top(&mut self) -> Option<String> {
        let (tag, kind) = self.open.pop()?;
        if kind.is_some()
            && let Some((kind, text)) = self.sinks.pop()
        {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            match kind {
                Kind::Title => self.title = text,
                Kind::Heading => self.heading = text,
                Kind::Item => self.items.push(text),
                Kind::Said if !text.is_empty() => self.said.push(text),
                Kind::Message if !text.is_empty() => self.messages.push(text),
                Kind::Link | Kind::Said | Kind::Message => {}
            }
        }
        Some(tag)
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() || self.open.last().is_some_and(|(tag, _)| tag == "script" || tag == "style") {
            return;
        }
        let text = unescape(text);
        let apart = self.links_apart && self.sinks.iter().any(|(kind, _)| *kind == Kind::Link);
        for (kind, sink) in &mut self.sinks {
            if !apart || *kind == Kind::Link {
                sink.push_str(&text);
            }
        }
    }
}

fn kind(tag: &str, ident: &str, class: &str) -> Option<Kind> {
    let message = ident.starts_with("input-error") || ["kc-error-message", "kc-info-message"].contains(&ident);
    match tag {
        "title" => Some(Kind::Title),
        _ if ident == "kc-page-title" => Some(Kind::Heading),
        _ if message || class.contains("kc-feedback-text") || class.contains("alert__title") => Some(Kind::Message),
        "a" => Some(Kind::Link),
        "li" => Some(Kind::Item),
        _ if class.split_whitespace().any(|word| word == "instruction") => Some(Kind::Said),
        _ => None,
    }
}

type StartTag<'a> = (String, Vec<(String, Option<String>)>, bool, &'a str);

/// `name attr="value" …>` without the `<`: name, attributes, whether it ended in `/>`, what follows.
fn start_tag(text: &str) -> StartTag<'_> {
    let end = text.find(|c: char| c.is_whitespace() || c == '/' || c == '>').unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>") {
            return (name.to_ascii_lowercase(), attributes, true, after);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (name.to_ascii_lowercase(), attributes, false, after);
        }
        if rest.is_empty() {
            return (name.to_ascii_lowercase(), attributes, false, rest);
        }
        if let Some(after) = rest.strip_prefix('/') {
            rest = after;
            continue;
        }
        let end = rest[1..].find(|c: char| c.is_whitespace() || "=/>".contains(c)).map_or(rest.len(), |at| at + 1);
        let key = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let value = rest.strip_prefix('=').map(|after| {
            let (value, after) = attribute_value(after.trim_start());
            rest = after;
            unescape(value)
        });
        attributes.push((key, value));
    }
}

fn attribute_value(text: &str) -> (&str, &str) {
    if let Some(quote) = text.chars().next().filter(|c| ['"', '\''].contains(c)) {
        let inner = &text[1..];
        return inner.find(quote).map_or((inner, ""), |end| (&inner[..end], &inner[end + 1..]));
    }
    text.split_at(text.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(text.len()))
}

/// Character references become characters.
pub fn unescape(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match reference(rest) {
            Some((c, length)) => {
                out.push(c);
                rest = &rest[length..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn reference(text: &str) -> Option<(char, usize)> {
    #[rustfmt::skip]
    const NAMED: [(&str, char); 12] = [
        ("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", '\u{a0}'),
        ("copy", '©'), ("laquo", '«'), ("raquo", '»'), ("hellip", '…'), ("ndash", '–'), ("mdash", '—'),
    ];
    let end = text.char_indices().take(12).find(|(_, c)| *c == ';')?.0;
    let name = &text[1..end];
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let hex = number.strip_prefix(['x', 'X']);
            let code = hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
            code.and_then(char::from_u32)?
        }
        None => NAMED.iter().find(|(key, _)| *key == name)?.1,
    };
    Some((c, end + 1))
}
