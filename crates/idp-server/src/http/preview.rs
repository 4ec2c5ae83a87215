//! `GET /realms/{realm}/latchkey/preview`: every page of a login with made-up data, for people who write themes. The themes are read anew
//! for each request. With `start-dev` alone.

use std::fmt::Write as _;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::{Data, Path, ServiceConfig};
use login_pages::{Config, Frame, LanguageChoice, Locale, Pages, ResourceAnswer, Wishes};
use oidc_types::Params;
use realm_http::http::{CachePolicy, RealmRequest, Rejection, Reply, endpoint, get};

/// Languages to choose from where the realm has none.
const LANGUAGES: [&str; 5] = ["en", "de", "fr", "es", "ja"];

/// Mounts it.
pub(super) fn routes(cfg: &mut ServiceConfig, config: &Arc<Config>) {
    let config = Data::from(Arc::clone(config));
    cfg.service(endpoint("latchkey/preview").app_data(config.clone()).route(get().to(list)))
        .service(endpoint("latchkey/preview/{page}").app_data(config.clone()).route(get().to(page)))
        .service(endpoint("latchkey/preview/resources/{path:.*}").app_data(config).route(get().to(resource)));
}

/// Links to all pages.
async fn list(request: RealmRequest, http: HttpRequest) -> Reply {
    let mut rows = String::new();
    for name in Pages::previews() {
        // Writing into a text cannot fail.
        let _ = write!(rows, "<li><a href=\"{}/{name}\">{name}</a></li>", http.path().trim_end_matches('/'));
    }
    let title = format!("Pages of {}", request.realm.name.as_str());
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\"></head>\n\
         <body>\n<h1>{title}</h1>\n<ul>{rows}</ul>\n</body>\n</html>\n"
    );
    Reply::html(html).cache(CachePolicy::NoStore)
}

/// One page, by the realm's theme or by the one of the parameter `theme`, in the language of the parameter `kc_locale`.
async fn page(request: RealmRequest, http: HttpRequest, name: Path<(String, String)>, config: Data<Config>) -> Reply {
    let Ok(pages) = Pages::load(&config) else { return Rejection::not_found().into_reply() };
    let query = Params::parse(http.query_string().as_bytes()).unwrap_or_default();
    let mut realm = (*request.realm).clone();
    if let Some(theme) = query.get("theme") {
        Arc::make_mut(&mut realm.login).login_theme = Some(theme.into());
    }
    let codes = realm.locales.supported.iter().map(|code| &**code);
    let codes: Vec<&str> = if realm.locales.enabled { codes.collect() } else { LANGUAGES.into() };
    let theme = query.get("theme").map_or_else(String::new, |theme| format!("&theme={theme}"));
    let languages =
        codes.iter().map(|code| LanguageChoice { code: (*code).to_owned(), url: format!("?kc_locale={code}{theme}") });
    let languages: Vec<_> = languages.collect();
    let locale = query.get("kc_locale").map_or_else(|| Locale::choose(&realm, &Wishes::default()), Locale::new);
    let base_path = format!("{}/realms/{}/latchkey/preview", request.arrival.prefix, realm.name.as_str());
    let frame = Frame { realm: Some(&realm), base_path: &base_path, languages: &languages, ..Frame::new(&locale) };
    match pages.preview(&frame, &name.1) {
        Some(html) => Reply::html(html).header("content-language", locale.as_str()).cache(CachePolicy::NoStore),
        None => Rejection::not_found().into_reply(),
    }
}

/// A file that a previewed page loads.
async fn resource(_: RealmRequest, path: Path<(String, String)>, config: Data<Config>) -> Reply {
    let Ok(pages) = Pages::load(&config) else { return Rejection::not_found().into_reply() };
    match pages.resource(&path.1) {
        ResourceAnswer::Found(file) => Reply::bytes(file.media_type, file.bytes.to_vec().into()).cache(CachePolicy::NoStore),
        ResourceAnswer::Moved(_) | ResourceAnswer::Missing => Rejection::not_found().into_reply(),
    }
}
