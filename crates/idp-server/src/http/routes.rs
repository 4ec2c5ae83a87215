//! The routes of the endpoint crates.

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};
use realm_http::http::ErrorPages;

use crate::wiring::Parts;

/// Mounts everything that belongs to realms.
pub(super) fn routes(cfg: &mut ServiceConfig, parts: &Parts) {
    let error_pages: Arc<dyn ErrorPages> = Arc::new(parts.login_flow.clone());
    cfg.app_data(Data::from(error_pages))
        .app_data(Data::from(Arc::clone(&parts.keyrings)))
        .app_data(Data::from(Arc::clone(&parts.discovery)))
        .app_data(Data::new(parts.client_auth.clone()))
        .app_data(Data::new(parts.token_endpoint.clone()))
        .app_data(Data::new(parts.token_inspection.clone()))
        .app_data(Data::new(parts.authorization_services.clone()))
        .app_data(Data::new(parts.login_flow.clone()))
        .app_data(Data::new(parts.account.clone()))
        .app_data(Data::new(parts.decoupled_login.clone()))
        .app_data(Data::new(parts.admin_api.clone()))
        .app_data(Data::new(parts.client_registration.clone()))
        .configure(admin_api::http::routes)
        .configure(login_flow::http::resources);
    realm_http::http::mount(cfg, parts.http.clone(), |cfg| {
        cfg.configure(key_rotation::http::routes)
            .configure(discovery::http::routes)
            .configure(token_endpoint::http::routes)
            .configure(token_inspection::http::routes)
            .configure(client_registration::http::routes)
            .configure(authorization_services::http::routes)
            .configure(login_flow::http::routes)
            .configure(account::http::routes)
            .configure(decoupled_login::http::routes);
        if let Some(explainer) = &parts.explainer {
            super::explain::routes(cfg, explainer);
        }
        if let Some(previews) = &parts.previews {
            super::preview::routes(cfg, previews);
        }
        if parts.decoupled_login.channel.as_ref().is_some_and(|channel| channel.questions().is_some()) {
            super::approval::routes(cfg);
        }
        if let Some(mailbox) = parts.admin_api.mailer.mailbox() {
            super::mailbox::routes(cfg, mailbox);
        }
    });
}
