use std::fmt;

/// How tokens and codes come: what a client must be allowed to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// `standardFlowEnabled`: by a code.
    Standard,
    /// `implicitFlowEnabled`: through the browser.
    Implicit,
}

/// `response_type`: a set of words (OAuth 2.0 Multiple Response Type Encoding Practices). Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseType {
    code: Asked,
    id_token: Asked,
    token: Asked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Yes,
    No,
}

impl ResponseType {
    /// `code`
    pub(crate) const CODE: Self = Self { code: Asked::Yes, id_token: Asked::No, token: Asked::No };

    /// Reads the parameter; `None` where a word is unknown, or `none` is not alone.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let words: Vec<_> = text.trim_matches(' ').split(' ').collect();
        if words == ["none"] {
            return Some(Self { code: Asked::No, id_token: Asked::No, token: Asked::No });
        }
        let known = words.iter().all(|word| ["code", "id_token", "token"].contains(word));
        let asked = |word| if words.contains(&word) { Asked::Yes } else { Asked::No };
        known.then(|| Self { code: asked("code"), id_token: asked("id_token"), token: asked("token") })
    }

    /// Whether a code is asked for.
    pub fn has_code(self) -> bool {
        self.code == Asked::Yes
    }

    /// Whether an ID token is asked for from the authorization endpoint.
    pub fn has_id_token(self) -> bool {
        self.id_token == Asked::Yes
    }

    /// Whether an access token is asked for from the authorization endpoint.
    pub fn has_token(self) -> bool {
        self.token == Asked::Yes
    }

    /// Whether anything is asked for that goes through the browser: implicit and hybrid flow.
    pub fn is_implicit_or_hybrid(self) -> bool {
        self.has_token() || self.has_id_token()
    }

    /// The flows it is made of; `none` counts as the standard one.
    pub(crate) fn flows(self) -> impl Iterator<Item = Flow> {
        let standard = self.has_code() || !self.is_implicit_or_hybrid();
        let standard = standard.then_some(Flow::Standard);
        standard.into_iter().chain(self.is_implicit_or_hybrid().then_some(Flow::Implicit))
    }
}

/// `response_mode` (OAuth 2.0 Form Post Response Mode, JARM section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the names are the documentation
pub enum ResponseMode {
    Query,
    Fragment,
    FormPost,
    QueryJwt,
    FragmentJwt,
    FormPostJwt,
}

impl ResponseMode {
    /// Reads the parameter; the response type says what is meant where there is none, and what `jwt` means.
    pub(crate) fn parse(text: Option<&str>, response_type: ResponseType) -> Option<Self> {
        let (plain, signed) = if response_type.is_implicit_or_hybrid() {
            (Self::Fragment, Self::FragmentJwt)
        } else {
            (Self::Query, Self::QueryJwt)
        };
        match text {
            None => Some(plain),
            Some("jwt") => Some(signed),
            Some("query") => Some(Self::Query),
            Some("fragment") => Some(Self::Fragment),
            Some("form_post") => Some(Self::FormPost),
            Some("query.jwt") => Some(Self::QueryJwt),
            Some("fragment.jwt") => Some(Self::FragmentJwt),
            Some("form_post.jwt") => Some(Self::FormPostJwt),
            Some(_) => None,
        }
    }

    /// Whether the answer is one token (JARM).
    pub const fn is_jwt(self) -> bool {
        matches!(self, Self::QueryJwt | Self::FragmentJwt | Self::FormPostJwt)
    }

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
            Self::QueryJwt => "query.jwt",
            Self::FragmentJwt => "fragment.jwt",
            Self::FormPostJwt => "form_post.jwt",
        }
    }
}

impl fmt::Display for ResponseMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
