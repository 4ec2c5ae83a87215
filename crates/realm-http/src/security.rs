use realm_model::SecurityHeaders;

/// What an answer consists of, as far as its security headers go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// `application/json`
    Json,
    /// `text/html`
    Html,
    /// No body, to a request that brought a form.
    EmptyToForm,
    /// No body, to an `OPTIONS` that brought an `application/…` body, or any request that brought one which is no form.
    EmptyToBody,
    /// No body otherwise, a redirect, or any other media type.
    Other,
}

impl AnswerKind {
    /// From the status, the answer's media type, and the request's method and media type.
    // Keycloak: a redirect that answers a form has them, too (recording login/right-password).
    pub fn of(status: u16, media_type: Option<&str>, method: &str, request_media_type: Option<&str>) -> Self {
        let is_redirect = (300..400).contains(&status);
        let is_form = request_media_type.is_some_and(|m| m.starts_with("application/x-www-form-urlencoded"));
        match media_type.map(|m| m.split(';').next().unwrap_or_default().trim()) {
            None if is_redirect && is_form => Self::EmptyToForm,
            _ if is_redirect => Self::Other,
            Some("application/json") => Self::Json,
            Some("text/html") => Self::Html,
            None if request_media_type.is_some_and(|m| m.starts_with("application/")) => {
                if method == "OPTIONS" || !is_form {
                    Self::EmptyToBody
                } else {
                    Self::EmptyToForm
                }
            }
            _ => Self::Other,
        }
    }

    const fn has_frame_options(self) -> bool {
        !matches!(self, Self::Other)
    }

    const fn has_content_security_policy(self) -> bool {
        matches!(self, Self::Html | Self::EmptyToForm)
    }
}

/// The headers of `browserSecurityHeaders` that an answer carries. Keycloak: wire.md section 0.3; an empty value sends none.
pub fn headers(of: &SecurityHeaders, kind: AnswerKind) -> impl Iterator<Item = (&'static str, &str)> {
    [
        ("referrer-policy", of.referrer_policy.as_str(), true),
        ("strict-transport-security", of.strict_transport_security.as_str(), true),
        ("x-content-type-options", of.content_type_options.as_str(), true),
        ("x-frame-options", of.frame_options.as_str(), kind.has_frame_options()),
        ("x-robots-tag", of.robots_tag.as_str(), true),
        ("content-security-policy", of.content_security_policy.as_str(), kind.has_content_security_policy()),
    ]
    .into_iter()
    .filter(|(_, value, wanted)| *wanted && !value.is_empty())
    .map(|(name, value, _)| (name, value))
}

/// Who frames what, where an answer says so itself: the realm's content security policy is sent with this change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framing {
    /// The page frames these hosts, beside this server.
    Frames(Vec<String>),
    /// Every page may frame this one: neither `frame-ancestors` nor `X-Frame-Options`.
    ByAnyone,
}

impl Framing {
    /// The realm's policy, changed. Keycloak: one entry for a frame, and a space before the semicolon (recordings logout/front-channel-*).
    pub fn policy(&self, policy: &str) -> String {
        let directives = policy.split(';').map(str::trim).filter(|directive| !directive.is_empty());
        let name = |directive: &str| directive.split_ascii_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        let changed = directives.filter_map(|directive| match (self, name(directive).as_str()) {
            (Self::Frames(hosts), "frame-src") => Some(format!("{directive} {} ", hosts.join(" "))),
            (Self::ByAnyone, "frame-ancestors") => None,
            _ => Some(directive.to_owned()),
        });
        changed.map(|directive| directive + ";").collect::<Vec<_>>().join(" ")
    }
}

/// What Keycloak sends where no realm says otherwise (unknown realms, the root page).
pub fn default_headers() -> SecurityHeaders {
    SecurityHeaders {
        referrer_policy: "no-referrer".to_owned(),
        strict_transport_security: "max-age=31536000; includeSubDomains".to_owned(),
        content_type_options: "nosniff".to_owned(),
        frame_options: "SAMEORIGIN".to_owned(),
        robots_tag: "none".to_owned(),
        content_security_policy: "frame-src 'self'; frame-ancestors 'self'; object-src 'none';".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_options_go_with_json_and_pages_only() {
        const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
        for (status, media_type, method, request, frame, csp) in [
            (200, Some("application/json"), "POST", FORM, true, false),
            (200, Some("application/json;charset=UTF-8"), "GET", None, true, false),
            (401, Some("text/plain;charset=UTF-8"), "GET", None, false, false),
            (200, Some("application/jwk-set+json"), "GET", None, false, false),
            (200, None, "OPTIONS", None, false, false),
            (200, None, "OPTIONS", Some("application/json"), true, false),
            (200, None, "POST", FORM, true, true),
            (204, None, "PUT", Some("application/json"), true, false),
            (204, None, "POST", None, false, false),
            (302, None, "POST", FORM, true, true),
            (302, None, "GET", None, false, false),
            (200, Some("text/html;charset=UTF-8"), "GET", None, true, true),
        ] {
            let realm = default_headers();
            let sent: Vec<_> = headers(&realm, AnswerKind::of(status, media_type, method, request)).map(|(n, _)| n).collect();
            let case = format!("{status} {media_type:?} {method} {request:?}");
            assert_eq!(sent.contains(&"x-frame-options"), frame, "{case}");
            assert_eq!(sent.contains(&"content-security-policy"), csp, "{case}");
            assert!(sent.contains(&"x-robots-tag") && sent.contains(&"referrer-policy"), "{case}");
        }
    }

    #[test]
    fn an_answer_may_say_who_frames_what() {
        let realm = default_headers().content_security_policy;
        assert_eq!(Framing::ByAnyone.policy(&realm), "frame-src 'self'; object-src 'none';");
        let frames = Framing::Frames(vec!["a.example".to_owned(), "b.example:81".to_owned()]);
        let expected = "frame-src 'self' a.example b.example:81 ; frame-ancestors 'self'; object-src 'none';";
        assert_eq!(frames.policy(&realm), expected);
        assert_eq!(frames.policy("default-src 'none'"), "default-src 'none';");
        assert_eq!(frames.policy(""), "");
    }

    #[test]
    fn an_empty_value_sends_no_header() {
        let realm = SecurityHeaders { frame_options: String::new(), ..default_headers() };
        assert!(headers(&realm, AnswerKind::Json).all(|(n, _)| n != "x-frame-options"));
    }
}
