use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("../assets/login.css");
const SCRIPT: &str = include_str!("../assets/login.js");
const ICON: &str = include_str!("../assets/icon.svg");

/// A file that pages load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// `text/css` and the like, with its charset.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: std::sync::Arc<[u8]>,
    /// A strong validator, quoted.
    pub etag: String,
}

/// What is found below `/resources/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceAnswer {
    /// The file. It never changes under this path: it may be cached for good.
    Found(Resource),
    /// The tag is another one's: the path, after `/resources/`, under the tag in force. Recording `resources`.
    Moved(String),
    /// No such file.
    Missing,
}

/// The built-in files and what pages say of them.
#[derive(Debug)]
pub struct Assets {
    tag: String,
    style: String,
    policy: String,
}

impl Assets {
    pub fn built_in() -> Self {
        let style = shrink(STYLE);
        let mut hash = Sha256::new();
        for part in [STYLE, SCRIPT, ICON] {
            hash.update(part.as_bytes());
        }
        let tag = hash.finalize().iter().take(5).map(|byte| char::from_digit(u32::from(byte % 36), 36).unwrap_or('0')).collect();
        let digest = base64_simd::STANDARD.encode_to_string(Sha256::digest(style.as_bytes()));
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{digest}'; img-src 'self' data: https:; \
             font-src 'self'; connect-src 'self'; frame-src *; base-uri 'none'"
        );
        Self { tag, style, policy }
    }

    /// Five characters that change with the files.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The style sheet that stands in every page: the first paint needs no second round trip.
    pub fn style(&self) -> &str {
        &self.style
    }

    /// The Content-Security-Policy within the page: what the header of the realm leaves open.
    pub fn policy(&self) -> &str {
        &self.policy
    }

    pub fn find(&self, path: &str) -> ResourceAnswer {
        let Some((tag, rest)) = path.split_once('/') else { return ResourceAnswer::Missing };
        if tag != self.tag {
            return ResourceAnswer::Moved(format!("{}/{rest}", self.tag));
        }
        let (media_type, text) = match rest {
            "login/latchkey/login.js" => ("text/javascript;charset=utf-8", SCRIPT),
            "login/latchkey/login.css" => ("text/css;charset=utf-8", STYLE),
            "login/latchkey/icon.svg" => ("image/svg+xml", ICON),
            _ => return ResourceAnswer::Missing,
        };
        let etag = format!("\"{}\"", base64_simd::URL_SAFE_NO_PAD.encode_to_string(Sha256::digest(text.as_bytes())));
        ResourceAnswer::Found(Resource { media_type, bytes: text.as_bytes().into(), etag })
    }
}

/// Without comments and line breaks.
fn shrink(style: &str) -> String {
    let mut out = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.lines().map(str::trim).collect()
}
