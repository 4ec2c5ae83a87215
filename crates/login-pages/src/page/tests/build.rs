//! A page of ours with the data that a recorded one shows.

use realm_model::Realm;
use realm_model::file::{SourceFile, read};
use serde_json::{Map, Value, json};

use crate::messages::LANGUAGES;
use crate::*;

/// What was recorded, easily asked.
struct Facts<'a>(&'a Map<String, Value>);

impl<'a> Facts<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    fn list(&self, name: &str) -> Vec<&'a str> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    fn field(&self, name: &str) -> Option<&'a str> {
        self.0.get("fields")?.get(name)?.as_str()
    }

    fn rows(&self, name: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
    }

    fn has_id(&self, id: &str) -> bool {
        self.list("ids").contains(&id)
    }

    fn input(&self, name: &str) -> Option<&'a Map<String, Value>> {
        self.rows("inputs").find(|row| row.get("name").is_some_and(|known| known == name))
    }

    fn action(&self) -> &'a str {
        self.rows("forms").next().and_then(|form| form.get("action")).and_then(Value::as_str).unwrap_or("none")
    }

    fn link(&self, part: &str) -> Option<&'a str> {
        let named = self.rows("links").filter_map(|link| link.get("href").and_then(Value::as_str));
        self.list("hrefs").into_iter().chain(named).find(|href| href.contains(part))
    }

    fn link_of(&self, id: &str) -> Option<&'a str> {
        self.rows("links").find(|link| link.get("id").is_some_and(|known| known == id))?.get("href")?.as_str()
    }

    fn lang(&self) -> &'a str {
        self.text("lang").unwrap_or("en")
    }

    fn initiated(&self) -> Initiated {
        let cancel = self.rows("buttons").any(|row| row.get("name").is_some_and(|name| name == "cancel-aia"));
        if cancel { Initiated::ByApplication } else { Initiated::ByLogin }
    }

    /// The recorded messages as ours, by the texts that we know.
    fn messages(&self) -> Vec<Message> {
        let shown = self.list("messages").into_iter();
        let own =
            |text: &'a str| ["« ", ": Update"].into_iter().find_map(|end| text.split_once(end)).map_or(text, |(own, _)| own);
        shown.flat_map(|text| messages_of(own(text).trim(), self.lang())).collect()
    }
}

/// The message whose text this is; two of them where it is two.
fn messages_of(text: &str, lang: &str) -> Vec<Message> {
    if let Some(message) = message_of(text, lang) {
        return vec![message];
    }
    let (first, second) = text.split_once(". ").unwrap_or_else(|| panic!("no message says {text:?} in {lang}"));
    [format!("{first}."), second.to_owned()].into_iter().flat_map(|part| messages_of(&part, lang)).collect()
}

/// The message of this text whose pattern says most of it.
fn message_of(text: &str, lang: &str) -> Option<Message> {
    let language = LANGUAGES.iter().find(|language| language.code == lang)?;
    let found = language.texts().iter().filter_map(|(key, pattern)| {
        let arguments = arguments(&pattern.replace("''", "'"), text)?;
        Some((arguments.len(), key.to_string(), arguments))
    });
    let (_, key, arguments) = found.min()?;
    Some(Message { severity: Severity::Error, key: key.into(), arguments })
}

/// What stands in the places of `pattern`, if the text is of it.
fn arguments(pattern: &str, text: &str) -> Option<Vec<String>> {
    let mut parts = pattern.split('{').peekable();
    let (mut rest, mut placed) = (text.strip_prefix(parts.next()?)?, Vec::new());
    while let Some(part) = parts.next() {
        let (number, literal) = part.split_once('}')?;
        let end = if parts.peek().is_some() { rest.find(literal)? } else { rest.strip_suffix(literal)?.len() };
        let number: usize = number.parse().ok()?;
        placed.resize(placed.len().max(number + 1), String::new());
        placed[number] = rest[..end].to_owned();
        rest = &rest[end + literal.len()..];
    }
    rest.is_empty().then_some(placed)
}

/// The realm whose name the title shows.
fn realm(facts: &Facts<'_>) -> Option<Realm> {
    let title = facts.text("title")?;
    let name = ["Sign in to ", "Anmeldung bei ", "Se connecter à "].into_iter().find_map(|start| title.strip_prefix(start));
    let file = json!({"realm": "web", "displayName": name.unwrap_or("Web"), "enabled": true, "loginTheme": "keycloak.v2"});
    let file = SourceFile { name: "web.json".to_owned(), bytes: file.to_string().into_bytes() };
    Some(read(&[file], &|_| None).realms.remove(0).realm)
}

/// The document of the recorded page.
pub fn page(facts: &Map<String, Value>) -> String {
    let facts = Facts(facts);
    let (realm, locale) = (realm(&facts), Locale::new(facts.lang()));
    let codes = ["de", "en", "fr"].into_iter().zip(facts.list("options"));
    let languages: Vec<_> = codes.map(|(code, url)| LanguageChoice { code: code.into(), url: url.into() }).collect();
    let attempted = facts
        .has_id("kc-attempted-username")
        .then(|| AttemptedUser { username: facts.field("kc-attempted-username").unwrap_or_default(), restart_url: "/restart" });
    let home = facts.link("/home").or(facts.link_of("backToApplication"));
    let kind = kind(&facts);
    let frame = Frame {
        realm: realm.as_ref(),
        languages: &languages,
        restart_url: facts.text("polls"),
        // The page of terms does not ask, though its login has a session.
        auth_session_hash: (facts.0.contains_key("checks_session") || kind == "terms").then_some("c2Vzc2lvbg=="),
        attempted_user: attempted,
        client: home.map(|url| ClientLink { name: "app", base_url: Some(url) }),
        ..Frame::new(&locale)
    };
    document(&facts, frame, &kind)
}

fn kind(facts: &Facts<'_>) -> String {
    let by_id = [
        ("kc-form-login", "login"),
        ("kc-error-message", "error"),
        ("kc-logout-confirm", "logout-confirm"),
        ("kc-info-message", "info"),
        ("kc-user-verify-device-user-code-form", "login-oauth2-device-verify-user-code"),
    ];
    let page = facts.text("page").and_then(|page| page.strip_prefix("login-"));
    page.or_else(|| by_id.into_iter().find_map(|(id, kind)| facts.has_id(id).then_some(kind)))
        .unwrap_or("frontchannel-logout")
        .into()
}

/// Messages that stand above a form; all others are faults of its fields.
fn is_banner(message: &Message) -> bool {
    const BANNERS: [&str; 6] = [
        "reauthenticate",
        "loginTimeout",
        "expiredActionMessage",
        "emailSentMessage",
        "emailVerifySendCooldown",
        "resetPasswordMessage",
    ];
    BANNERS.contains(&&*message.key)
        || message.key.starts_with("oauth2Device")
        || message.key.starts_with("update")
        || message.key.starts_with("configure")
        || message.key.starts_with("verifyEmail")
}

fn document(facts: &Facts<'_>, frame: Frame<'_>, kind: &str) -> String {
    let pages = Pages::load(&Config::default()).unwrap();
    let messages = facts.messages();
    let (banners, faults): (Vec<_>, Vec<_>) = messages.into_iter().partition(is_banner);
    let shown = banners.first().or(faults.first()).cloned();
    let frame = Frame { message: banners.first(), ..frame };
    let shown = shown.as_ref();
    match kind {
        "login" => login(facts, &pages, &frame, faults.first()),
        "error" => pages.render(&frame, &ErrorPage::new(shown.unwrap())),
        "info" => info(facts, &pages, &frame, shown.unwrap()),
        "login-page-expired" => {
            let continue_url = facts.link_of("loginContinueLink").unwrap();
            pages.render(&frame, &PageExpired { restart_url: facts.link_of("loginRestartLink").unwrap(), continue_url })
        }
        "logout-confirm" => {
            let session_code = facts.field("session_code").unwrap_or("x");
            pages.render(&frame, &LogoutConfirmPage { action: facts.action(), session_code, link: BackLink::Shown })
        }
        "frontchannel-logout" => {
            let clients: Vec<_> = facts.list("frames").into_iter().map(|url| FrontChannelClient { name: "app", url }).collect();
            pages.render(&frame, &FrontChannelLogoutPage { clients: &clients, continue_url: facts.link_of("continue") })
        }
        "login-oauth2-device-verify-user-code" => pages.render(&frame, &DeviceCodePage { action: facts.action() }),
        "login-verify-email" => {
            let said = facts.list("said").into_iter().find_map(|said| said.split("to your address ").nth(1)).unwrap();
            let email = said.trim_end_matches('.');
            pages.render(
                &frame,
                &VerifyEmailPage { email, resend_url: facts.link("required-action").unwrap(), ..VerifyEmailPage::default() },
            )
        }
        "terms" => pages.render(&frame, &TermsPage { action: facts.action() }),
        "login-oauth-grant" => consent(facts, &pages, &frame),
        other => form(facts, &pages, &frame, other, &faults),
    }
}

fn login(facts: &Facts<'_>, pages: &Pages, frame: &Frame<'_>, fault: Option<&Message>) -> String {
    let remember_me = match facts.input("rememberMe").map(|row| row.contains_key("checked")) {
        None => RememberMe::NotOffered,
        Some(false) => RememberMe::Offered,
        Some(true) => RememberMe::Checked,
    };
    let social = facts.rows("links").filter_map(|link| {
        let alias = link.get("id")?.as_str()?.strip_prefix("social-")?;
        Some(ProviderButton { alias, display_name: "Partner", url: link.get("href")?.as_str()? })
    });
    let social: Vec<_> = social.collect();
    let registration_url = facts.link("/registration").or(facts.has_id("kc-registration").then_some("/registration"));
    let page = LoginPage {
        action: facts.action(),
        username: facts.field("username").unwrap_or_default(),
        remember_me,
        reset_url: facts.link("/reset-credentials"),
        registration_url,
        identity_providers: &social,
        fault,
        ..LoginPage::default()
    };
    pages.render(frame, &page)
}

fn info(facts: &Facts<'_>, pages: &Pages, frame: &Frame<'_>, message: &Message) -> String {
    let heading = message_of(facts.text("heading").unwrap(), facts.lang()).unwrap();
    let shown = facts.list("messages")[0];
    let actions: &[&str] = if shown.contains(": Update Password") { &["UPDATE_PASSWORD", "TERMS_AND_CONDITIONS"] } else { &[] };
    let message = if actions.is_empty() { message.clone() } else { Message::info("confirmExecutionOfActions") };
    let link = facts.list("hrefs").first().map(|url| match *url {
        url if url.contains("action-token") => InfoLink::Proceed(url),
        url if url.ends_with("/device") => InfoLink::TryAgain(url),
        url => InfoLink::BackTo(url),
    });
    pages.render(frame, &InfoPage { heading: Some(&heading), message: &message, required_actions: actions, link })
}

fn consent(facts: &Facts<'_>, pages: &Pages, frame: &Frame<'_>) -> String {
    let scopes = facts.list("items").into_iter().map(|text| {
        let known = message_of(text, "en").filter(|message| message.key.ends_with("ScopeConsentText"));
        known.map_or_else(|| text.to_owned(), |message| format!("${{{}}}", message.key))
    });
    let scopes: Vec<String> = scopes.collect();
    let page = ConsentPage {
        action: facts.action(),
        code: facts.field("code").unwrap(),
        client_name: facts.text("heading").unwrap().strip_prefix("Grant Access to ").unwrap(),
        logo_uri: Some("https://consent.example.org/logo.png"),
        policy_uri: facts.link("/policy"),
        tos_uri: facts.link("/tos"),
        scopes: &scopes.iter().map(String::as_str).collect::<Vec<_>>(),
    };
    pages.render(frame, &page)
}

/// The fields of the built-in user profile.
fn profile(facts: &Facts<'_>) -> Vec<ProfileField> {
    let known = [("username", "${username}"), ("email", "${email}"), ("firstName", "${firstName}"), ("lastName", "${lastName}")];
    let present = known.into_iter().filter(|(name, _)| facts.input(name).is_some());
    let fields = present.map(|(name, label)| ProfileField {
        name: name.into(),
        label: label.into(),
        values: facts.field(name).map(str::to_owned).into_iter().collect(),
        required: true,
        autocomplete: [("username", "username"), ("email", "email")]
            .into_iter()
            .find(|(field, _)| *field == name)
            .map(|(_, kind)| kind.to_owned()),
        ..ProfileField::default()
    });
    fields.collect()
}

/// Every fault at the field that it speaks of; two of one recorded text at one field.
fn faults_of(facts: &Facts<'_>, first: &'static str) -> Vec<FieldFault> {
    let fields = profile(facts);
    let names = fields.into_iter().map(|field| std::borrow::Cow::Owned(field.name)).chain([first.into()]);
    let texts = facts.list("messages").into_iter().map(|text| messages_of(text, facts.lang()));
    let of_fields = texts.filter(|messages| !messages.iter().any(is_banner)).zip(names);
    of_fields
        .flat_map(|(messages, name)| messages.into_iter().map(move |message| FieldFault::new(name.clone(), message)))
        .collect()
}

fn form(facts: &Facts<'_>, pages: &Pages, frame: &Frame<'_>, kind: &str, faults: &[Message]) -> String {
    let (action, initiated, fields) = (facts.action(), facts.initiated(), profile(facts));
    let fault = faults.first();
    let at = |field: &'static str| fault.map(|message| FieldFault::new(field, message.clone())).into_iter().collect::<Vec<_>>();
    match kind {
        "register" => {
            let faults = &faults_of(facts, "password");
            let login_url = facts.link("authenticate").unwrap();
            let page = RegisterPage {
                action,
                login_url,
                fields: &fields,
                password: PasswordFields::Asked,
                faults,
                ..RegisterPage::default()
            };
            pages.render(frame, &page)
        }
        "login-update-profile" => {
            let faults = &faults_of(facts, "email");
            pages.render(frame, &UpdateProfilePage { action, fields: &fields, faults, initiated })
        }
        "login-update-password" => {
            pages.render(frame, &UpdatePasswordPage { action, username: "una", faults: &at("password-new"), initiated })
        }
        "login-reset-password" => {
            let login_url = facts.link("authenticate").unwrap();
            pages.render(frame, &ResetPasswordPage { action, username: "", login_url, faults: &at("username") })
        }
        "login-otp" => {
            let (selected, count) = (facts.field("selectedCredentialId").unwrap(), facts.has_id("kc-otp-credential-1"));
            let all = [OtpDevice { id: selected, label: "phone" }, OtpDevice { id: "other", label: "" }];
            pages.render(frame, &OtpPage { action, devices: if count { &all } else { &all[..1] }, selected, fault })
        }
        "login-config-totp" => {
            let mode = if facts.has_id("kc-totp-secret-key") { TotpMode::Manual } else { TotpMode::QrCode };
            let page = ConfigTotpPage {
                action,
                qr_code: "<svg></svg>",
                form_secret: facts.field("totpSecret").unwrap(),
                secret: "JBSWY3DPEHPK3PXP",
                policy: TotpPolicy { kind: "totp", algorithm: "SHA1", digits: 6, period: Some(30), counter: None },
                applications: &["totpAppFreeOTPName", "totpAppGoogleName"],
                mode,
                mode_url: facts.link("mode").unwrap(),
                user_label: "",
                label_required: false,
                faults: &at("totp"),
                initiated,
            };
            pages.render(frame, &page)
        }
        other => panic!("no page is known for {other}"),
    }
}
