use std::net::IpAddr;

use ambient::Timestamp;
use log::Level;
use oidc_types::{EventType, Outcome};
use realm_model::{ADMIN_EVENT, AdminEvents, Realm};
use realm_store::Shown;

use crate::line::{Line, TARGET};
use crate::queue::{Happened, Keep, Kept};
use crate::{AdminEvent, Event, Events};

/// Milliseconds that events wait for subscribers at the least, and can be sent again.
pub(crate) const FOR_SUBSCRIBERS: i64 = 7 * 24 * 3_600_000;

/// The place and time of what is recorded.
#[derive(Clone, Copy)]
pub struct Recorder<'a> {
    pub(crate) events: &'a Events,
    pub(crate) realm: &'a Realm,
    pub(crate) now: Timestamp,
    pub(crate) peer: IpAddr,
}

impl<'a> Recorder<'a> {
    /// The realm.
    pub const fn realm(&self) -> &'a Realm {
        self.realm
    }

    /// Records that something came to pass; `tell` is called only where somebody wants to know.
    pub fn success(self, event_type: EventType, tell: impl FnOnce(Event) -> Event) {
        self.record((event_type, None), tell);
    }

    /// Records that something was refused, with Keycloak's word for why.
    pub fn error(self, event_type: EventType, error: &'static str, tell: impl FnOnce(Event) -> Event) {
        self.record((event_type, Some(error)), tell);
    }

    /// Records what an administrator did.
    pub fn admin(self, tell: impl FnOnce() -> AdminEvent) {
        let settings = &self.realm.events;
        let shown = settings.admin != AdminEvents::Off;
        let Some(keep) = self.keep(Wanted { shown, subscribed: settings.is_subscribed(ADMIN_EVENT) }) else { return };
        let mut event = tell();
        event.representation = event.representation.filter(|_| settings.admin == AdminEvents::WithDetails);
        self.events.queue(Kept { happened: Happened::Admin(event), time: self.now, realm_id: self.realm.id.to_string(), keep });
    }

    fn record(self, (event_type, error): (EventType, Option<&'static str>), tell: impl FnOnce(Event) -> Event) {
        let outcome = if error.is_some() { Outcome::Error } else { Outcome::Success };
        let level = level(outcome);
        let keep = self.keep_of(event_type, outcome);
        if keep.is_none() && !log::log_enabled!(target: TARGET, level) {
            return;
        }
        let event = tell(self.event(event_type, error));
        log::log!(target: TARGET, level, "{}", Line(&event));
        if let Some(keep) = keep {
            self.events.queue(Kept {
                happened: Happened::Event(event),
                time: self.now,
                realm_id: self.realm.id.to_string(),
                keep,
            });
        }
    }

    /// How long it is to be kept, and for whom, if at all.
    fn keep_of(self, event_type: EventType, outcome: Outcome) -> Option<Keep> {
        let settings = &self.realm.events;
        if !settings.enabled && settings.webhooks.is_empty() {
            return None;
        }
        self.keep(Wanted {
            shown: settings.keeps(event_type, outcome),
            subscribed: settings.is_subscribed(event_type.word(outcome)),
        })
    }

    fn keep(self, wanted: Wanted) -> Option<Keep> {
        let for_subscribers = wanted.subscribed.then(|| self.now.millis().saturating_add(FOR_SUBSCRIBERS));
        let expiration = self.realm.events.expiration;
        if !wanted.shown {
            return for_subscribers.map(|until| Keep { shown: Shown::ToSubscribers, expires: Some(until) });
        }
        let expires = (expiration > 0).then(|| self.now.plus_secs(expiration).millis().max(for_subscribers.unwrap_or_default()));
        Some(Keep { shown: Shown::ToAll, expires })
    }

    fn event(self, event_type: EventType, error: Option<&'static str>) -> Event {
        Event {
            event_type,
            time: self.now,
            realm_id: self.realm.id.to_string(),
            realm_name: self.realm.name.as_str().to_owned(),
            client_id: None,
            user_id: None,
            session_id: None,
            ip_address: self.peer,
            error,
            details: Vec::new(),
            fact: None,
        }
    }
}

/// Keycloak's levels of its listener `jboss-logging`.
const fn level(outcome: Outcome) -> Level {
    match outcome {
        Outcome::Success => Level::Debug,
        Outcome::Error => Level::Warn,
    }
}

/// Who wants to see an event.
#[derive(Clone, Copy)]
struct Wanted {
    /// Those who read the realm's events.
    shown: bool,
    /// A webhook.
    subscribed: bool,
}
