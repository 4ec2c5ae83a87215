use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::theme::{Theme, media_type};

const STYLE: &str = include_str!("../assets/login.css");
const ICON: &str = include_str!("../assets/icon.svg");
/// The built-in files by their paths below a theme. Keycloak's own names lead to what does the same here, so that pages that people
/// wrote for it find something: recording `resources/files`.
const FILES: [(&str, &str); 6] = [
    ("js/login.js", include_str!("../assets/login.js")),
    ("js/authChecker.js", include_str!("../assets/login.js")),
    ("js/webauthn.js", include_str!("../assets/webauthn.js")),
    ("css/styles.css", STYLE),
    ("img/favicon.svg", ICON),
    ("img/favicon.ico", ICON),
];

/// A file that pages load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// `text/css` and the like.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// A strong validator, quoted.
    pub etag: String,
}

/// What is found below `/resources/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceAnswer {
    /// The file. It never changes under this path.
    Found(Resource),
    /// The tag is another one's: the path, after `/resources/`, under the tag in force. Recording `resources/wrong-version-tag`.
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
    /// The tag is made of all files, so that none changes under its path.
    pub fn with(themes: &HashMap<String, Theme>) -> Self {
        let style = shrink(STYLE);
        let mut hash = Sha256::new();
        for (name, text) in FILES {
            hash.update(name);
            hash.update(text);
        }
        let mut names: Vec<_> = themes.keys().collect();
        names.sort_unstable();
        for (name, bytes) in names.into_iter().filter_map(|name| themes.get(name)).flat_map(Theme::all_files) {
            hash.update(name);
            hash.update(bytes);
        }
        let tag = hash.finalize().iter().take(5).map(|byte| char::from_digit(u32::from(byte % 36), 36).unwrap_or('0')).collect();
        let digest = base64_simd::STANDARD.encode_to_string(Sha256::digest(style.as_bytes()));
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{digest}'; img-src * data:; font-src 'self'; \
             connect-src 'self'; frame-src *; base-uri 'none'"
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

    /// The Content-Security-Policy within the page: it closes what the header of the realm leaves open.
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// `<tag>/login/<theme>/<file>`
    pub fn find(&self, path: &str, themes: &HashMap<String, Theme>) -> ResourceAnswer {
        let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte)) && !path.contains("..");
        let Some((tag, rest)) = path.split_once('/').filter(|_| plain) else { return ResourceAnswer::Missing };
        if tag != self.tag {
            return ResourceAnswer::Moved(format!("{}/{rest}", self.tag));
        }
        let Some((theme, name)) = rest.strip_prefix("login/").and_then(|rest| rest.split_once('/')) else {
            return ResourceAnswer::Missing;
        };
        let own = themes.get(theme).and_then(|theme| theme.file(name)).cloned();
        let built_in = || FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| Arc::from(text.as_bytes()));
        let Some((bytes, media_type)) = own.or_else(built_in).zip(media_type(name)) else { return ResourceAnswer::Missing };
        let etag = format!("\"{}\"", base64_simd::URL_SAFE_NO_PAD.encode_to_string(Sha256::digest(&bytes)));
        ResourceAnswer::Found(Resource { media_type, bytes, etag })
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
