//! One mail over SMTP (RFC 5321), with TLS where the settings say so.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ambient::Timestamp;
use lettre::address::Envelope;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use realm_model::{SmtpAuth, SmtpServer};

use crate::{Mail, MailError};

/// Sends it; `ids` are two texts that no other mail has: the mail's id, and what separates its parts.
pub(crate) async fn send(server: &SmtpServer, mail: &Mail<'_>, now: Timestamp, ids: [String; 2]) -> Result<(), MailError> {
    let message = message(server, mail, now, ids)?;
    let transport = transport(server)?;
    transport.send(message).await.map(drop).map_err(|error| failed(&error))
}

fn message(server: &SmtpServer, mail: &Mail<'_>, now: Timestamp, [id, boundary]: [String; 2]) -> Result<Message, MailError> {
    let address = |text: &str| address(text, server);
    let from = address(&server.from).ok_or(MailError::Sender)?;
    let to = address(mail.to).ok_or(MailError::Recipient)?;
    let envelope_from = match &server.envelope_from {
        Some(own) => address(own).ok_or(MailError::Sender)?,
        None => from.clone(),
    };
    let message_id = format!("<{id}@{}>", from.domain());
    let envelope = Envelope::new(Some(envelope_from), vec![to.clone()]).map_err(|error| failed(&error))?;
    let mut headers = Message::builder()
        .from(Mailbox::new(server.from_display_name.clone(), from))
        .to(Mailbox::new(None, to))
        .subject(mail.words.subject.as_str())
        .date(date(now))
        .message_id(Some(message_id))
        .envelope(envelope);
    if let Some(reply_to) = &server.reply_to {
        let reply_to = address(reply_to).ok_or(MailError::ReplyTo)?;
        headers = headers.reply_to(Mailbox::new(server.reply_to_display_name.clone(), reply_to));
    }
    let parts = MultiPart::alternative()
        .boundary(boundary)
        .singlepart(SinglePart::plain(mail.words.text.clone()))
        .singlepart(SinglePart::html(mail.words.html.clone()));
    headers.multipart(parts).map_err(|error| failed(&error))
}

fn date(now: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(now.millis()).unwrap_or_default())
}

/// An address that can be sent: the domain in ASCII (RFC 5891), what stands before it in ASCII or by SMTPUTF8 (RFC 6531).
fn address(text: &str, server: &SmtpServer) -> Option<Address> {
    let (local, domain) = text.rsplit_once('@')?;
    if !server.allow_utf8 && !local.is_ascii() {
        return None;
    }
    let domain = if domain.is_ascii() { domain.to_owned() } else { url::Host::parse(domain).ok()?.to_string() };
    Address::new(local, domain).ok()
}

/// Keycloak: `starttls` is done where the server offers it. Here it must, as with it off a password would go in clear to whoever stands
/// between the two.
fn transport(server: &SmtpServer) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    const SMTP: u16 = 25;
    const SMTPS: u16 = 465;
    let parameters = || TlsParameters::new(server.host.clone()).map_err(|error| failed(&error));
    let (tls, port) = match (server.ssl, server.starttls) {
        (true, _) => (Tls::Wrapper(parameters()?), SMTPS),
        (false, true) => (Tls::Required(parameters()?), SMTP),
        (false, false) => (Tls::None, SMTP),
    };
    let timeout = Duration::from_millis(server.timeout.max(server.connection_timeout).clamp(1, LONGEST_TIMEOUT));
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host.as_str())
        .port(server.port.unwrap_or(port))
        .tls(tls)
        .timeout(Some(timeout));
    Ok(match &server.auth {
        SmtpAuth::None => builder,
        SmtpAuth::Password { user, password } => builder.credentials(Credentials::new(user.clone(), password.expose().clone())),
        SmtpAuth::Token => return Err(MailError::TokenLogin),
    }
    .build())
}

/// Milliseconds: a request waits for the mail.
const LONGEST_TIMEOUT: u64 = 60_000;

/// What went wrong, in one line of the log.
fn failed(error: &dyn std::error::Error) -> MailError {
    let mut said = error.to_string();
    if let Some(source) = error.source() {
        let source = source.to_string();
        if !said.contains(&source) {
            said = format!("{said}: {source}");
        }
    }
    MailError::Server(said.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(300).collect())
}
