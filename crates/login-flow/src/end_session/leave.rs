//! The session ends, and whoever takes part in it is told.

use events::EventType;
use login_pages::{
    ClientLink, Frame, FrontChannelClient, FrontChannelLogoutPage, InfoLink, InfoPage, LanguageChoice, Message, Page,
};
use realm_http::absolute_url;
use realm_model::Client;
use sessions::{SessionKind, UserSession};

use super::{Destination, EndSession, Left, Told};
use crate::answer::{encode, encoded};
use crate::error::LoginError;
use crate::login::base_url;
use crate::urls::restart_path;

impl EndSession<'_, '_> {
    /// Ends the session, if there is one, and leads on.
    pub(super) async fn leave(&mut self, session: Option<(UserSession, Told)>, to: &Destination) -> Result<Left, LoginError> {
        self.clear_cookies();
        let told_here = match session {
            Some(session) => self.end(session, to).await?,
            None => Vec::new(),
        };
        let target = to.uri.as_deref().map(|uri| with_state(uri, to.state.as_deref()));
        let tab = self.tab_id.clone().unwrap_or_else(|| self.browser.cx.entropy().base64url(8));
        if !told_here.is_empty() {
            return Ok(self.tell_in_frames(&told_here, target.as_deref(), &tab));
        }
        // Keycloak: recording logout/confirmation-forced.
        let asks_to_go_on = self.client.as_ref().is_some_and(|client| client.is_on("logout.confirmation.enabled"));
        match target {
            Some(target) if !asks_to_go_on => Ok(Left::Redirect(target)),
            target => {
                let home = self.client.as_deref().and_then(|client| base_url(client, &self.browser.cx.bases.front));
                let message = Message::success("successLogout");
                let link = target.or(home);
                let page = InfoPage { link: link.as_deref().map(InfoLink::BackTo), ..InfoPage::new(&message) };
                Ok(Left::Page(self.page((&tab, &[]), &page)))
            }
        }
    }

    /// Name and URL of the clients that are told by the browser; the others are told now.
    async fn end(&self, (mut session, told): (UserSession, Told), to: &Destination) -> Result<Vec<(String, String)>, LoginError> {
        let (cx, parts) = (self.browser.cx, self.browser.parts);
        if !parts.sessions.remove(&cx.realm.name, SessionKind::Online, &session.id).await? {
            return Ok(Vec::new()); // another request has told everybody
        }
        parts.events.at(&cx.realm, cx.now, cx.arrival.peer).success(EventType::Logout, |event| {
            let event = event.user(session.user.as_str()).session(Some(session.id.as_str()));
            self.of_client(event).detail("redirect_uri", to.uri.as_deref())
        });
        let issuer = cx.issuer();
        let mut here = Vec::new();
        let clients = cx.realm.clients.values().filter(|client| client.enabled && session.client(&client.id).is_some());
        for client in clients {
            if told == Told::InFrames
                && let Some(url) = front_channel_url(client, &cx.bases.front)
            {
                let url = match client.attribute("frontchannel.logout.session.required") {
                    Some("false") => url,
                    _ => with_query(&url, &encoded(&[("iss", &issuer), ("sid", session.id.as_str())])),
                };
                here.push((client.id.to_string(), client.name.as_deref().unwrap_or(client.client_id.as_str()).to_owned(), url));
            }
        }
        for (id, ..) in &here {
            session.detach(id);
        }
        parts.notifications.sessions_ended(cx, &[session]).await;
        Ok(here.into_iter().map(|(_, name, url)| (name, url)).collect())
    }

    fn tell_in_frames(&self, told: &[(String, String)], target: Option<&str>, tab: &str) -> Left {
        let clients: Vec<_> = told.iter().map(|(name, url)| FrontChannelClient { name, url }).collect();
        let page = FrontChannelLogoutPage { clients: &clients, continue_url: target };
        let hosts = told.iter().filter_map(|(_, url)| host_of(url)).map(str::to_owned).collect();
        Left::Frames { html: self.page((tab, &[]), &page), hosts }
    }

    /// A page of the logout.
    pub(super) fn page(&self, (tab, languages): (&str, &[LanguageChoice]), page: &impl Page) -> String {
        let cx = self.browser.cx;
        let restart = restart_path(&cx.issuer(), &[("client_id", self.client_id()), ("tab_id", tab)]);
        let home = self.client.as_deref().and_then(|client| base_url(client, &cx.bases.front));
        let client = self.client.as_deref().map(|client| ClientLink {
            name: client.name.as_deref().unwrap_or(client.client_id.as_str()),
            base_url: home.as_deref(),
        });
        let frame = Frame {
            realm: Some(&cx.realm),
            base_path: &cx.arrival.prefix,
            restart_url: Some(&restart),
            client,
            languages,
            ..Frame::new(&self.browser.locale)
        };
        self.browser.parts.pages.render(&frame, page)
    }
}

/// Where the browser tells a client (OpenID Connect Front-Channel Logout 1.0 section 2).
fn front_channel_url(client: &Client, base: &str) -> Option<String> {
    let url = client.attribute("frontchannel.logout.url").filter(|_| client.front_channel_logout)?;
    let url = absolute_url(client.root_url.as_deref(), base, url);
    host_of(&url).is_some().then_some(url)
}

/// `host:port` of a web page.
fn host_of(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let is_plain = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._:[]".contains(c));
    (matches!(scheme, "http" | "https") && is_plain).then_some(host)
}

fn with_query(uri: &str, pairs: &str) -> String {
    let (base, fragment) = uri.split_once('#').map_or((uri, String::new()), |(base, fragment)| (base, format!("#{fragment}")));
    let joint = if base.contains('?') { '&' } else { '?' };
    format!("{base}{joint}{pairs}{fragment}")
}

fn with_state(uri: &str, state: Option<&str>) -> String {
    match state {
        Some(state) => with_query(uri, &format!("state={}", encode(state))),
        None => uri.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_request::realm;

    #[test]
    fn the_state_comes_back_in_the_query() {
        for (uri, state, expected) in [
            ("https://app.example/out", Some("a b&c=d"), "https://app.example/out?state=a%20b%26c%3Dd"),
            ("https://app.example/out?x=1", Some("s"), "https://app.example/out?x=1&state=s"),
            ("https://app.example/out#f", Some("s"), "https://app.example/out?state=s#f"),
            ("https://app.example/out", None, "https://app.example/out"),
        ] {
            assert_eq!(with_state(uri, state), expected);
        }
    }

    #[test]
    fn a_host_that_is_none_comes_into_no_policy() {
        for (url, expected) in [
            ("https://app.example/front?a=1", Some("app.example")),
            ("http://user@127.0.0.1:2580/front", Some("127.0.0.1:2580")),
            ("http://[::1]:80", Some("[::1]:80")),
            ("https://app.example; script-src *", None),
            ("https:///front", None),
            ("javascript://app.example/", None),
            ("/front", None),
        ] {
            assert_eq!(host_of(url), expected, "{url}");
        }
    }

    #[test]
    fn a_client_is_told_in_a_frame_where_it_wants_that() {
        let told = |flag: &str, url: &str| {
            let realm = realm(&format!(
                r#"{{"realm": "r", "clients": [{{"clientId": "app", "rootUrl": "https://app.example", "frontchannelLogout": {flag},
                    "attributes": {{"frontchannel.logout.url": "{url}"}}}}]}}"#
            ));
            front_channel_url(realm.client("app").unwrap(), "http://localhost")
        };
        assert_eq!(told("true", "/out").as_deref(), Some("https://app.example/out"));
        assert_eq!(told("false", "/out"), None);
        assert_eq!(told("true", ""), None);
        assert_eq!(told("true", "javascript:alert(1)"), None);
    }
}
