//! `/realms/{realm}/latchkey/ciba`: what users would be asked by an authentication channel (OpenID Connect CIBA), with a button for yes
//! and one for no. With `start-dev` alone, for anybody may answer for everybody.

use std::fmt::Write as _;

use actix_web::HttpRequest;
use actix_web::web::{Data, ServiceConfig};
use decoupled_login::{DecoupledLogin, Said, Waiting};
use message_texts::write_escaped;
use realm_http::http::{CachePolicy, RawBody, RealmRequest, Rejection, Reply, endpoint, get, post};

/// Mounts it; a [`DecoupledLogin`] must be in the app's data.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(endpoint("latchkey/ciba").route(get().to(all)).route(post().to(answer)));
}

async fn all(request: RealmRequest, decoupled_login: Data<DecoupledLogin>) -> Reply {
    page(&request, &decoupled_login, "")
}

/// What a button of the page says. A page of another site presses none.
async fn answer(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    decoupled_login: Data<DecoupledLogin>,
) -> Result<Reply, Rejection> {
    let form = body.form()?;
    let site = http.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    if site.is_some_and(|site| site != "same-origin") {
        return Err(Rejection::bare(403, "HTTP 403 Forbidden"));
    }
    let said = match form.get("answer") {
        Some("yes") => Said::Yes,
        Some("no") => Said::No,
        _ => return Ok(page(&request, &decoupled_login, "")),
    };
    let number = form.get("number").and_then(|number| number.parse().ok()).unwrap_or_default();
    let told = match decoupled_login.answer_question(&request, number, said).await {
        true => "The application will know it with its next question.",
        false => "This question is over.",
    };
    Ok(page(&request, &decoupled_login, told))
}

fn page(request: &RealmRequest, decoupled_login: &DecoupledLogin, told: &str) -> Reply {
    const NOTHING_RUNS: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
    let questions = decoupled_login.channel.as_ref().and_then(|channel| channel.questions());
    let waiting = questions.map(|questions| questions.of_realm(&request.realm.name)).unwrap_or_default();
    Reply::bytes("text/html;charset=utf-8", list(request.realm.name.as_str(), &waiting, told).into_bytes().into())
        .undressed()
        .header("content-security-policy", NOTHING_RUNS)
        .header("referrer-policy", "no-referrer")
        .header("x-content-type-options", "nosniff")
        .header("x-frame-options", "DENY")
        .cache(CachePolicy::NoStore)
}

fn list(realm: &str, waiting: &[Waiting], told: &str) -> String {
    let mut rows = String::new();
    // Writing into a text cannot fail.
    for one in waiting {
        let _ = write!(rows, "<li><p><b>{}</b>, is this you at <b>{}</b>?", escaped(&one.username), escaped(&one.client_id));
        let _ = write!(rows, " It asks for: {}.", escaped(&one.scope));
        if let Some(message) = &one.binding_message {
            let _ = write!(rows, " It shows: <q>{}</q>.", escaped(message));
        }
        let _ = write!(
            rows,
            "</p><form method=\"post\"><input type=\"hidden\" name=\"number\" value=\"{}\">\
             <button name=\"answer\" value=\"yes\">Yes</button> <button name=\"answer\" value=\"no\">No</button></form></li>",
            one.number
        );
    }
    let empty = if waiting.is_empty() { "<p>Nobody is asked anything.</p>" } else { "" };
    let title = format!("Questions to users of {}", escaped(realm));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body style=\"font-family: sans-serif; line-height: 1.5; color-scheme: light dark\">\n<main><h1>{title}</h1>\n\
         <p role=\"status\">{told}</p>{empty}<ol>{rows}</ol></main>\n</body>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let _ = write_escaped(&mut out, text);
    out
}
