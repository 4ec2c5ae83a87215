use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use realm_http::http::{RawBody, RealmRequest, Rejection, Reply};

use super::{Parameters, caller, is_on, listed, number, parameters, refused, shown};
use crate::AuthorizationServices;
use crate::resource_set::{self, Search};

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
        exact_name: is_on(&all, "exactName"),
        matching_uri: is_on(&all, "matchingUri"),
        deep: is_on(&all, "deep"),
        first: number(&all, "first").unwrap_or_default(),
        max: number(&all, "max"),
        id: all.remove("_id"),
        name: all.remove("name"),
        uri: all.remove("uri"),
        owner: all.remove("owner"),
        kind: all.remove("type"),
        scope: all.remove("scope"),
    };
    let found = resource_set::search(&caller, &search).await.map_err(|error| refused(&request, &error))?;
    Ok(listed(&found))
}

pub(super) async fn create(request: RealmRequest, http: HttpRequest, body: RawBody, parts: Parts) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    let made = resource_set::create(&caller, &body.bytes).await.map_err(|error| refused(&request, &error))?;
    Ok(shown(&made).status(201))
}

pub(super) async fn read(
    request: RealmRequest,
    http: HttpRequest,
    id: Path<(String, String)>,
    parts: Parts,
) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    let found = resource_set::read(&caller, &id.1).await.map_err(|error| refused(&request, &error))?;
    Ok(shown(&found))
}

pub(super) async fn update(
    request: RealmRequest,
    http: HttpRequest,
    id: Path<(String, String)>,
    body: RawBody,
    parts: Parts,
) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    resource_set::update(&caller, &id.1, &body.bytes).await.map_err(|error| refused(&request, &error))?;
    Ok(Reply::empty(204))
}

pub(super) async fn delete(
    request: RealmRequest,
    http: HttpRequest,
    id: Path<(String, String)>,
    parts: Parts,
) -> Result<Reply, Rejection> {
    let caller = caller(&parts, &request, &http).await?;
    resource_set::delete(&caller, &id.1).await.map_err(|error| refused(&request, &error))?;
    Ok(Reply::empty(204))
}
