mod sink;

use std::collections::BTreeMap;
use std::sync::Arc;

use ambient::{SeededEntropy, Timestamp};
use realm_model::file::{SourceFile, read};
use realm_model::{Realm, SmtpServer};

use self::sink::Sink;
use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fn mailer() -> Mailer {
    Mailer::new(Arc::new(SeededEntropy::new(7)))
}

fn realm(members: &str) -> Realm {
    let file = SourceFile { name: "r.json".to_owned(), bytes: format!(r#"{{"realm": "r", {members}}}"#).into_bytes() };
    read(&[file], &|_| None).realms.pop().unwrap().realm
}

fn server(port: u16, more: &[(&str, &str)]) -> SmtpServer {
    let port = port.to_string();
    let mut settings: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in [("host", "127.0.0.1"), ("port", port.as_str()), ("from", "no-reply@web.example.org")].iter().chain(more)
    {
        settings.insert((*name).to_owned(), (*value).to_owned());
    }
    SmtpServer::of(&settings).unwrap()
}

const LINK: &str = "https://id.example.org/realms/r/login-actions/action-token?key=abc.def&client_id=web-app&tab_id=x";

fn verify() -> Letter<'static> {
    Letter::VerifyEmail { link: LINK, expires: 300 }
}

async fn sent(sink: &Sink, more: &[(&str, &str)]) -> Result<sink::Taken, MailError> {
    let words = verify().words(&realm(r#""displayName": "Web & Test""#), "en");
    let mail = Mail { to: "una@example.org", words: &words };
    mailer().send_by(&server(sink.port, more), &mail, NOW).await?;
    Ok(sink.taken().await)
}

#[tokio::test]
async fn a_mail_has_a_plain_and_an_html_part() {
    let sink = Sink::open(&[]).await;
    let taken = sent(&sink, &[("fromDisplayName", "Web Mailer"), ("replyTo", "help@web.example.org")]).await.unwrap();
    let lines = taken.unfolded();
    let header =
        |name: &str| lines.iter().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or_default().to_owned();
    assert_eq!((taken.from.as_str(), taken.to.as_str()), ("no-reply@web.example.org", "una@example.org"));
    assert_eq!(header("From"), "\"Web Mailer\" <no-reply@web.example.org>");
    assert_eq!((header("To"), header("Subject")), ("una@example.org".to_owned(), "Verify email".to_owned()));
    assert_eq!(
        (header("Reply-To"), header("Date")),
        ("help@web.example.org".to_owned(), "Fri, 15 Jan 2027 08:00:00 +0000".to_owned())
    );
    assert!(header("Content-Type").starts_with("multipart/alternative;"), "{lines:?}");
    assert!(header("Message-ID").ends_with("@web.example.org>"));
    let text = taken.text.replace("=\r\n", "").replace("=3D", "=");
    let plain = text.find("Content-Type: text/plain").unwrap();
    assert!(plain < text.find("Content-Type: text/html").unwrap());
    assert!(text.contains(LINK) && text.contains("within 5 minutes.") && text.contains("an account at Web & Test."));
    assert!(text.contains(&format!("href=\"{}\"", LINK.replace('&', "&amp;"))) && text.contains("at Web &amp; Test."));
}

#[tokio::test]
async fn a_password_is_told_to_the_server_and_to_nobody_else() {
    let sink = Sink::open(&["AUTH PLAIN LOGIN"]).await;
    let login = [("auth", "true"), ("user", "mailer"), ("password", "hunter2")];
    let taken = sent(&sink, &login).await.unwrap();
    assert_eq!(taken.login.as_deref(), Some("AUTH PLAIN AG1haWxlcgBodW50ZXIy"));
    let refusing = Sink::open(&["AUTH PLAIN", "REFUSE"]).await;
    let error = sent(&refusing, &login).await.unwrap_err();
    assert!(matches!(&error, MailError::Server(said) if said.contains("535")), "{error}");
    assert!(!format!("{error:?}").contains("hunter2"));
}

#[tokio::test]
async fn without_tls_that_was_asked_for_nothing_is_sent() {
    let sink = Sink::open(&["AUTH PLAIN"]).await;
    let error = sent(&sink, &[("starttls", "true"), ("auth", "true"), ("user", "u"), ("password", "p")]).await.unwrap_err();
    assert!(matches!(error, MailError::Server(_)));
    assert!(sink.is_untouched());
}

#[tokio::test]
async fn cve_2025_8419_a_line_break_in_an_address_begins_no_header() {
    let words = verify().words(&realm(r#""enabled": true"#), "en");
    let server = server(9, &[]);
    for to in [
        "a@b.example\r\nBcc: c@d.example",
        "\"a\r\nBcc: x@y.z\"@b.example",
        "a@b.example\n",
        "a\u{0}@b.example",
        "a\u{2028}@b.example",
    ] {
        let failed = mailer().send_by(&server, &Mail { to, words: &words }, NOW).await;
        assert_eq!(failed, Err(MailError::Header), "{to:?}");
    }
    for to in ["", "a", "a@", "@b", "a@b.example, c@d.example", "<a@b.example>", "a b@c.example"] {
        let failed = mailer().send_by(&server, &Mail { to, words: &words }, NOW).await;
        assert_eq!(failed, Err(MailError::Recipient), "{to:?}");
    }
    let renamed = SmtpServer { from_display_name: Some("x\r\nBcc: c@d.example".to_owned()), ..server.clone() };
    let mail = Mail { to: "a@b.example", words: &words };
    assert_eq!(mailer().send_by(&renamed, &mail, NOW).await, Err(MailError::Header));
    let nameless = SmtpServer { from: String::new(), ..server };
    assert_eq!(mailer().send_by(&nameless, &mail, NOW).await, Err(MailError::Sender));
}

#[tokio::test]
async fn letters_beyond_ascii_need_the_realms_consent_in_front_of_the_at_sign_alone() {
    let words = verify().words(&realm(r#""enabled": true"#), "ja");
    let sink = Sink::open(&["SMTPUTF8", "8BITMIME"]).await;
    let to = |to: &'static str| Mail { to, words: &words };
    assert_eq!(mailer().send_by(&server(sink.port, &[]), &to("ünа@example.org"), NOW).await, Err(MailError::Recipient));
    mailer().send_by(&server(sink.port, &[]), &to("una@bücher.example"), NOW).await.unwrap();
    assert_eq!(sink.taken().await.to, "una@xn--bcher-kva.example");
    let sink = Sink::open(&["SMTPUTF8", "8BITMIME"]).await;
    mailer().send_by(&server(sink.port, &[("allowutf8", "true")]), &to("üna@example.org"), NOW).await.unwrap();
    assert_eq!(sink.taken().await.to, "üna@example.org");
}

#[tokio::test]
async fn a_realm_without_a_server_has_the_mailbox_of_a_development_server_or_none() {
    let realm = realm(r#""enabled": true"#);
    let words = verify().words(&realm, "en");
    let mail = Mail { to: "una@example.org", words: &words };
    assert_eq!(mailer().send(&realm, &mail, NOW).await, Err(MailError::NoServer));
    let mailer = mailer().with_mailbox(Arc::default());
    for _ in 0..Mailbox::SIZE + 5 {
        mailer.send(&realm, &mail, NOW).await.unwrap();
    }
    let mailbox = mailer.mailbox().unwrap();
    let newest = mailbox.newest_to("UNA@example.org").unwrap();
    assert_eq!((mailbox.all().len(), newest.number, newest.subject.as_str()), (100, 105, "Verify email"));
    assert!(newest.text.contains(LINK) && mailbox.find(1).is_none() && mailbox.find(105).is_some());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_without_secrets() {
    let port = { tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port() };
    let words = verify().words(&realm(r#""enabled": true"#), "en");
    let failed = mailer().send_by(&server(port, &[("timeout", "2000")]), &Mail { to: "a@b.example", words: &words }, NOW).await;
    assert!(matches!(failed, Err(MailError::Server(_))));
}

#[test]
fn every_letter_is_there_in_every_language() {
    let realm = realm(r#""displayName": "<b>Web</b>""#);
    let actions = ["TERMS_AND_CONDITIONS", "UPDATE_PASSWORD", "OWN"];
    let letters = [
        verify(),
        Letter::UpdateEmail { link: LINK, expires: 300, email: "new@example.org" },
        Letter::ResetPassword { link: LINK, expires: 300 },
        Letter::ExecuteActions { link: LINK, expires: 43_200, actions: &actions },
        Letter::SmtpTest,
    ];
    for language in ["en", "de", "fr", "es", "ja"] {
        for letter in letters {
            let Words { subject, text, html } = letter.words(&realm, language);
            assert!(!subject.is_empty() && !text.is_empty() && html.contains(&format!("lang=\"{language}\"")));
            assert!(!html.contains("<b>") && !format!("{subject}{text}").contains('{'), "{text}");
            let links = usize::from(letter != Letter::SmtpTest);
            assert_eq!((text.matches("https://").count(), html.matches("href=\"").count()), (links, links), "{language} {html}");
        }
    }
    let english = letters.map(|letter| letter.words(&realm, "pt-BR").subject);
    let subjects =
        ["Verify email", "Verify new email", "Reset password", "Update Your Account", "[KEYCLOAK] - SMTP test message"];
    assert_eq!(english, subjects);
    let text = letters[3].words(&realm, "en").text;
    assert!(text.contains("within 12 hours.") && text.contains("Terms and Conditions, Update Password, OWN"), "{text}");
}

#[test]
fn times_are_told_as_people_tell_them() {
    let realm = realm(r#""enabled": true"#);
    let rows =
        [(30, "30 seconds"), (60, "1 minute"), (300, "5 minutes"), (3600, "1 hour"), (5400, "90 minutes"), (172_800, "2 days")];
    for (expires, want) in rows {
        let text = Letter::ResetPassword { link: LINK, expires }.words(&realm, "en").text;
        assert!(text.contains(&format!("within {want}.")), "{text}");
    }
}

#[test]
fn a_realm_has_words_of_its_own() {
    let realm = realm(
        r#""internationalizationEnabled": true, "supportedLocales": ["en", "de"], "defaultLocale": "de",
           "localizationTexts": {"de": {"passwordResetSubject": "Neu bei {2}"}}"#,
    );
    let letter = Letter::ResetPassword { link: LINK, expires: 300 };
    assert_eq!(letter.words(&realm, "de").subject, "Neu bei r");
    assert_eq!(letter.words(&realm, "en").subject, "Reset password");
    assert_eq!((language(&realm, None), language(&realm, Some("en")), language(&realm, Some("ja"))), ("de", "en", "de"));
}
