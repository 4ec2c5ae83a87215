//! Mail to users: by the SMTP server of their realm, or into the mailbox of a development server.
//!
//! [`Letter`] makes the words of a mail, [`Mailer`] sends it. Whoever sends one logs a failure, with the realm.
//!
//! What stands in a header never comes through unchecked: an address or a name with a control character in it is refused
//! (CVE-2025-8419). The server is the realm administrator's choice, so its answers are for the log, not for people.

mod error;
mod letter;
mod mailbox;
mod mailer;
mod smtp;

#[cfg(test)]
mod tests;

pub use error::MailError;
pub use letter::{Letter, Words, language};
pub use mailbox::{Mailbox, Received};
pub use mailer::{Mail, Mailer};
