use std::fmt;
use std::sync::Arc;

use ambient::{Entropy, Timestamp};
use realm_model::{Realm, SmtpServer};

use crate::mailbox::{Mailbox, Received};
use crate::{MailError, Words, smtp};

/// One mail to one user.
#[derive(Clone, Copy, Debug)]
pub struct Mail<'a> {
    /// The address.
    pub to: &'a str,
    /// Subject and texts.
    pub words: &'a Words,
}

/// Sends mail.
#[derive(Clone)]
pub struct Mailer {
    entropy: Arc<dyn Entropy>,
    mailbox: Option<Arc<Mailbox>>,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("mailbox", &self.mailbox.is_some()).finish_non_exhaustive()
    }
}

impl Mailer {
    /// One that sends by the realms' servers alone. `entropy` is for the ids of mails.
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy, mailbox: None }
    }

    /// One of a development server: mail of realms without a server goes into `mailbox`.
    pub fn with_mailbox(self, mailbox: Arc<Mailbox>) -> Self {
        Self { mailbox: Some(mailbox), ..self }
    }

    /// The mailbox of a development server.
    pub fn mailbox(&self) -> Option<&Arc<Mailbox>> {
        self.mailbox.as_ref()
    }

    /// Sends a mail of `realm`; when it returns, the server has taken it.
    ///
    /// # Errors
    /// Where it was not taken: [`MailError`].
    pub async fn send(&self, realm: &Realm, mail: &Mail<'_>, now: Timestamp) -> Result<(), MailError> {
        match (&realm.smtp, &self.mailbox) {
            (Some(server), _) => self.send_by(server, mail, now).await,
            (None, Some(mailbox)) => {
                refuse_control_characters(&[mail.to, &mail.words.subject])?;
                mailbox.put(Received::new(realm.name.as_str(), mail, now));
                Ok(())
            }
            (None, None) => Err(MailError::NoServer),
        }
    }

    /// Sends a mail by this server, whatever the realm.
    ///
    /// # Errors
    /// Where it was not taken: [`MailError`].
    pub async fn send_by(&self, server: &SmtpServer, mail: &Mail<'_>, now: Timestamp) -> Result<(), MailError> {
        let optional = [&server.from_display_name, &server.reply_to, &server.reply_to_display_name, &server.envelope_from];
        let optional: Vec<&str> = optional.into_iter().flatten().map(String::as_str).collect();
        refuse_control_characters(&optional)?;
        refuse_control_characters(&[mail.to, &mail.words.subject, &server.from])?;
        smtp::send(server, mail, now, [self.entropy.base64url(18), self.entropy.base64url(18)]).await
    }
}

/// A line break in a header would begin another one (CVE-2025-8419).
fn refuse_control_characters(texts: &[&str]) -> Result<(), MailError> {
    let is_separator = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    if texts.iter().any(|text| text.contains(is_separator)) { Err(MailError::Header) } else { Ok(()) }
}
