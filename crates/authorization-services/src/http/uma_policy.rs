use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use realm_http::http::{RawBody, RealmRequest, Rejection, Reply};

use super::{Parameters, caller, number, parameters, refused, shown};
use crate::AuthorizationServices;
use crate::uma_policy::{self, Search};

type Parts = Data<AuthorizationServices>;

pub(super) async fn search(
    request: RealmRequest,
    http: HttpRequest,
    query: Parameters,
    parts: Parts,
) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    let mut all = parameters(query);
    let search = Search {
        first: number(&all, "first").unwrap_or_default(),
        max: number(&all, "max"),
        name: all.remove("name"),
        resource: all.remove("resource"),
        scope: all.remove("scope"),
    };
    let found = uma_policy::search(&caller, &search).await.map_err(|error| refused(&request, &error))?;
    Ok(shown(&found))
}

/// The id is that of the resource.
pub(super) async fn create(
    request: RealmRequest,
    http: HttpRequest,
    id: Path<(String, String)>,
    body: RawBody,
    parts: Parts,
) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    let made = uma_policy::create(&caller, &id.1, &body.bytes).await.map_err(|error| refused(&request, &error))?;
    Ok(shown(&made))
}

pub(super) async fn read(
    request: RealmRequest,
    http: HttpRequest,
    id: Path<(String, String)>,
    parts: Parts,
) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    let found = uma_policy::read(&caller, &id.1).await.map_err(|error| refused(&request, &error))?;
    Ok(shown(&found))
}

/// Keycloak: 201 (measured on 26.7.4).
pub(super) async fn update(
    request: RealmRequest,
    http: HttpRequest,
    id: Path<(String, String)>,
    body: RawBody,
    parts: Parts,
) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    uma_policy::update(&caller, &id.1, &body.bytes).await.map_err(|error| refused(&request, &error))?;
    Ok(Reply::empty(201))
}

pub(super) async fn delete(
    request: RealmRequest,
    http: HttpRequest,
    id: Path<(String, String)>,
    parts: Parts,
) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    uma_policy::delete(&caller, &id.1).await.map_err(|error| refused(&request, &error))?;
    Ok(Reply::empty(204))
}
