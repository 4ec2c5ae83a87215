use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ambient::Timestamp;

use crate::Mail;

/// A mail in the mailbox of a development server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its number: rises by one with every mail.
    pub number: u64,
    /// The realm's name.
    pub realm: String,
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML document.
    pub html: String,
    /// When it was sent.
    pub at: Timestamp,
}

impl Received {
    pub(crate) fn new(realm: &str, mail: &Mail<'_>, at: Timestamp) -> Self {
        let words = mail.words.clone();
        let (realm, to) = (realm.to_owned(), mail.to.to_owned());
        Self { number: 0, realm, to, subject: words.subject, text: words.text, html: words.html, at }
    }
}

/// Where the mail of a development server goes: the last mails, in memory.
#[derive(Debug, Default)]
pub struct Mailbox(Mutex<Mails>);

#[derive(Debug, Default)]
struct Mails {
    last: u64,
    kept: VecDeque<Received>,
}

impl Mailbox {
    /// So many mails are kept.
    pub const SIZE: usize = 100;

    fn mails(&self) -> MutexGuard<'_, Mails> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a mail into it, and the oldest one out where it is full.
    pub(crate) fn put(&self, received: Received) {
        let mut mails = self.mails();
        mails.last += 1;
        let number = mails.last;
        mails.kept.push_front(Received { number, ..received });
        mails.kept.truncate(Self::SIZE);
    }

    /// What is in it, the newest first.
    pub fn all(&self) -> Vec<Received> {
        self.mails().kept.iter().cloned().collect()
    }

    /// The mail of this number.
    pub fn find(&self, number: u64) -> Option<Received> {
        self.mails().kept.iter().find(|mail| mail.number == number).cloned()
    }

    /// The newest mail to this address.
    pub fn newest_to(&self, to: &str) -> Option<Received> {
        self.mails().kept.iter().find(|mail| mail.to.eq_ignore_ascii_case(to)).cloned()
    }
}
