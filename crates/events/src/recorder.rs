use std::net::IpAddr;

use ambient::Timestamp;
use log::Level;
use realm_model::Realm;

use crate::line::{Line, TARGET};
use crate::{Event, EventType, Outcome};

/// Where events go to; cheap to clone. The default one writes them to the log alone.
#[derive(Clone, Default)]
pub struct Events {}

/// The place and time of what is recorded.
#[derive(Clone, Copy)]
pub struct Recorder<'a> {
    events: &'a Events,
    realm: &'a Realm,
    now: Timestamp,
    peer: IpAddr,
}

impl Events {
    /// Records what happens in `realm` now, asked for from `peer`.
    pub const fn at<'a>(&'a self, realm: &'a Realm, now: Timestamp, peer: IpAddr) -> Recorder<'a> {
        Recorder { events: self, realm, now, peer }
    }
}

impl<'a> Recorder<'a> {
    /// The realm.
    pub const fn realm(&self) -> &'a Realm {
        self.realm
    }

    /// Records that something came to pass; `tell` is called only where somebody wants to know.
    pub fn success(self, event_type: EventType, tell: impl FnOnce(Event) -> Event) {
        if self.is_wanted(event_type, Outcome::Success) {
            self.record(tell(self.event(event_type, None)));
        }
    }

    /// Records that something was refused, with Keycloak's word for why.
    pub fn error(self, event_type: EventType, error: &'static str, tell: impl FnOnce(Event) -> Event) {
        if self.is_wanted(event_type, Outcome::Error) {
            self.record(tell(self.event(event_type, Some(error))));
        }
    }

    fn is_wanted(self, _event_type: EventType, outcome: Outcome) -> bool {
        let _ = self.events;
        log::log_enabled!(target: TARGET, level(outcome))
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

    fn record(self, event: Event) {
        log::log!(target: TARGET, level(event.outcome()), "{}", Line(&event));
    }
}

/// Keycloak's levels of its listener `jboss-logging`.
const fn level(outcome: Outcome) -> Level {
    match outcome {
        Outcome::Success => Level::Debug,
        Outcome::Error => Level::Warn,
    }
}
