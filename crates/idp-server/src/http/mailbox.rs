//! `GET /realms/{realm}/latchkey/mailbox`: what users of a realm without a mail server were sent. With `start-dev` alone, for it shows
//! everything to whoever asks.

use std::fmt::Write as _;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::{Data, Path, ServiceConfig};
use mail::{Mailbox, Received};
use message_texts::write_escaped;
use realm_http::http::{CachePolicy, RealmRequest, Rejection, Reply, endpoint, get};
use serde_json::json;

/// Mounts it.
pub(super) fn routes(cfg: &mut ServiceConfig, mailbox: &Arc<Mailbox>) {
    let mailbox = Data::from(Arc::clone(mailbox));
    cfg.service(endpoint("latchkey/mailbox").app_data(mailbox.clone()).route(get().to(all)))
        .service(endpoint("latchkey/mailbox/{number}").app_data(mailbox).route(get().to(one)));
}

/// The mails of the realm, the newest first: a page, or JSON for programs.
async fn all(request: RealmRequest, http: HttpRequest, mailbox: Data<Mailbox>) -> Reply {
    let mails: Vec<Received> = mailbox.all().into_iter().filter(|mail| mail.realm == request.realm.name.as_str()).collect();
    let accepts = http.headers().get("accept").and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/html") {
        return page(list(request.realm.name.as_str(), http.path(), &mails));
    }
    let shown = |mail: &Received| json!({"number": mail.number, "to": mail.to, "subject": mail.subject, "at": mail.at.millis(), "text": mail.text, "html": mail.html});
    Reply::json(&mails.iter().map(shown).collect::<Vec<_>>()).cache(CachePolicy::NoStore)
}

/// One mail as a mail program shows it: nothing of it runs.
async fn one(request: RealmRequest, number: Path<(String, String)>, mailbox: Data<Mailbox>) -> Reply {
    let found = number.1.parse().ok().and_then(|number| mailbox.find(number));
    match found.filter(|mail| mail.realm == request.realm.name.as_str()) {
        Some(mail) => page(mail.html),
        None => Rejection::not_found().into_reply(),
    }
}

fn page(html: String) -> Reply {
    const NOTHING_RUNS: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; sandbox allow-popups";
    Reply::bytes("text/html;charset=utf-8", html.into_bytes().into())
        .undressed()
        .header("content-security-policy", NOTHING_RUNS)
        .header("referrer-policy", "no-referrer")
        .header("x-content-type-options", "nosniff")
        .header("x-frame-options", "DENY")
        .cache(CachePolicy::NoStore)
}

fn list(realm: &str, path: &str, mails: &[Received]) -> String {
    let mut rows = String::new();
    // Writing into a text cannot fail.
    for mail in mails {
        let _ = write!(rows, "<li><a href=\"{}/{}\">", escaped(path.trim_end_matches('/')), mail.number);
        let _ = write!(rows, "{}</a> to {}</li>", escaped(&mail.subject), escaped(&mail.to));
    }
    let empty = if mails.is_empty() { "<p>Nothing has come yet.</p>" } else { "" };
    let title = format!("Mailbox of {}", escaped(realm));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body style=\"font-family: sans-serif; line-height: 1.5; color-scheme: light dark\">\n<h1>{title}</h1>\n{empty}<ol>{rows}</ol>\n\
         </body>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let _ = write_escaped(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use ambient::Timestamp;

    use super::*;

    #[test]
    fn a_list_shows_what_came_and_nothing_of_it_is_markup() {
        assert!(list("demo", "/realms/demo/latchkey/mailbox", &[]).contains("Nothing has come yet."));
        let mail = Received {
            number: 7,
            realm: "demo".to_owned(),
            to: "\"<b>\"@x.example".to_owned(),
            subject: "Verify <email>".to_owned(),
            text: String::new(),
            html: String::new(),
            at: Timestamp::from_secs(0),
        };
        let page = list("demo", "/realms/demo/latchkey/mailbox/", &[mail]);
        assert!(page.contains("<a href=\"/realms/demo/latchkey/mailbox/7\">Verify &lt;email&gt;</a>"), "{page}");
        assert!(!page.contains("<b>"), "{page}");
    }
}
