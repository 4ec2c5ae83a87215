//! `/admin/realms/{realm}/groups`, `…/group-by-path`

use std::collections::HashMap;

use realm_model::document::{Body, Document, Documents, Key, Kind, parent_group, representation};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, BARE_JSON};
use crate::body::{lists, text, texts};
use crate::call::Call;
use crate::change::Changes;
use crate::error::AdminError;
use crate::json;
use crate::merge::without_nulls;
use crate::query::Query;
use crate::references;
use crate::role::Detail;
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("groups", |call| Box::pin(list(call))),
        Route::post("groups", |call| Box::pin(create(call))),
        Route::get("groups/count", |call| Box::pin(count(call))),
        Route::get("groups/{group}", |call| Box::pin(read(call))),
        Route::put("groups/{group}", |call| Box::pin(update(call))),
        Route::delete("groups/{group}", |call| Box::pin(delete(call))),
        Route::get("groups/{group}/children", |call| Box::pin(children(call))),
        Route::post("groups/{group}/children", |call| Box::pin(create_child(call))),
        Route::get("groups/{group}/members", |call| Box::pin(members(call))),
        Route::get("group-by-path/{*path}", |call| Box::pin(by_path(call))),
    ],
    locator: Some(("groups/{group}", |call| Box::pin(locate(call)))),
    wrong_verb: WrongVerb::MethodNotAllowed,
};

/// The group that the first parameter of the path names. Keycloak: looked up before the role is asked for.
pub(crate) fn found<'d>(call: &Call, documents: &'d Documents) -> Result<&'d Document, AdminError> {
    let entry = documents.by_id(Kind::Group, call.param(0));
    Ok(&entry.ok_or_else(|| AdminError::error(404, "Could not find group by id"))?.document)
}

async fn locate(call: &Call) -> Result<Answer, AdminError> {
    found(call, &*call.documents().await?).map(|_| Answer::no_content())
}

/// The groups that have this role themselves.
pub(crate) fn with_role<'d>(documents: &'d Documents, role: &Key) -> impl Iterator<Item = &'d Document> {
    documents.of_kind(Kind::Group).map(|entry| &entry.document).filter(move |group| match role.kind {
        Kind::ClientRole => lists(&group.body, "clientRoles").any(|pair| pair == (role.owner.as_str(), role.name.as_str())),
        _ => texts(&group.body, "realmRoles").any(|name| name == role.name),
    })
}

/// What other resources show of a group.
pub(crate) fn plain(documents: &Documents, group: &Document, detail: Detail) -> Body {
    let mut body = representation(documents, group);
    match detail {
        Detail::Brief => ["attributes", "realmRoles", "clientRoles"].iter().for_each(|member| drop(body.shift_remove(*member))),
        Detail::Full => {
            body.entry("attributes").or_insert_with(|| Map::new().into());
            body.entry("realmRoles").or_insert_with(|| Vec::<Value>::new().into());
            body.entry("clientRoles").or_insert_with(|| Map::new().into());
        }
    }
    body.insert("subGroups".to_owned(), Vec::<Value>::new().into());
    body.shift_remove("subGroupCount");
    body.retain(|_, value| !value.is_null());
    body
}

/// What the resource itself shows.
fn shown(call: &Call, documents: &Documents, group: &Document, detail: Detail) -> Body {
    let mut body = plain(documents, group, detail);
    let (view, manage) = (call.may(Permission::ViewGroups), call.may(Permission::ManageUsers));
    let access = json!({
        "view": view, "viewMembers": view, "manageMembers": manage, "manage": manage, "manageMembership": manage,
    });
    body.insert("access".to_owned(), access);
    body
}

fn counted(documents: &Documents, group: &Document, body: Body) -> Body {
    with_count(body, below(documents, Some(group)).count())
}

fn with_count(mut body: Body, count: usize) -> Body {
    body.insert("subGroupCount".to_owned(), count.into());
    body
}

/// How many groups are right below each: for lists, which may be of thousands.
fn counts(documents: &Documents) -> HashMap<&Key, usize> {
    let mut counts = HashMap::new();
    for group in documents.of_kind(Kind::Group) {
        if let Some(parent) = parent_group(documents, &group.document) {
            *counts.entry(&parent.key).or_default() += 1;
        }
    }
    counts
}

/// The groups right below one, or on the top level.
fn below<'d>(documents: &'d Documents, parent: Option<&'d Document>) -> impl Iterator<Item = &'d Document> {
    let of_parent = move |group: &&Document| parent_group(documents, group).map(|found| &found.key) == parent.map(|p| &p.key);
    documents.of_kind(Kind::Group).map(|entry| &entry.document).filter(of_parent)
}

fn name(group: &Document) -> &str {
    text(&group.body, "name").unwrap_or_default()
}

fn sorted<'d>(groups: impl Iterator<Item = &'d Document>) -> Vec<&'d Document> {
    let mut all: Vec<_> = groups.collect();
    all.sort_by(|a, b| name(a).cmp(name(b)));
    all
}

/// What a list of groups is to show.
struct Listing {
    detail: Detail,
    search: Option<String>,
    exact: bool,
    /// `q=key:value`: all must hold, case counts.
    attributes: Vec<(String, String)>,
    hierarchy: bool,
    counts: bool,
}

impl Listing {
    fn of(query: &Query, default: Detail) -> Self {
        let pairs = query.text("q").unwrap_or_default().split(' ').filter_map(|pair| pair.split_once(':'));
        Self {
            detail: Detail::of(query.flag("briefRepresentation"), default),
            search: query.text("search").map(|text| text.trim().to_owned()),
            exact: query.flag("exact") == Some(true),
            attributes: pairs.map(|(key, value)| (key.to_owned(), value.trim_matches('"').to_owned())).collect(),
            hierarchy: query.flag("populateHierarchy") != Some(false),
            counts: query.flag("subGroupsCount") != Some(false),
        }
    }

    fn is_search(&self) -> bool {
        self.search.is_some() || !self.attributes.is_empty()
    }

    fn hits(&self, group: &Document) -> bool {
        let word = self.search.as_deref().is_none_or(|word| match self.exact {
            true => name(group) == word,
            false => name(group).to_lowercase().contains(&word.to_lowercase()),
        });
        word && self.attributes.iter().all(|(key, value)| lists(&group.body, "attributes").any(|pair| pair == (key, value)))
    }
}

async fn list(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::QueryGroups)?;
    let (page, listing) = (call.query.page()?, Listing::of(&call.query, Detail::Brief));
    if !call.may(Permission::ViewGroups) {
        return Answer::json(&Vec::<Value>::new());
    }
    let documents = call.documents().await?;
    let all = || documents.of_kind(Kind::Group).map(|entry| &entry.document);
    let hits: Vec<_> = all().filter(|group| listing.hits(group)).collect();
    let wanted = match (listing.is_search(), listing.hierarchy) {
        (false, _) => sorted(below(&documents, None)),
        (true, false) => sorted(hits.iter().copied()),
        (true, true) => {
            let within = |top: &&Document| hits.iter().any(|hit| is_within(&hit.key.name, &top.key.name));
            sorted(below(&documents, None).filter(within))
        }
    };
    let tree = listing.is_search() && listing.hierarchy;
    let counts = if listing.counts { counts(&documents) } else { HashMap::new() };
    let shown = page.of(wanted.into_iter()).into_iter().map(|group| {
        let mut body = shown(call, &documents, group, listing.detail);
        if listing.counts {
            body = with_count(body, counts.get(&group.key).copied().unwrap_or_default());
        }
        if tree {
            body.insert("subGroups".to_owned(), way_down(call, (&documents, &listing), group, &hits).into());
        }
        body
    });
    Answer::json(&shown.collect::<Vec<_>>())
}

fn is_within(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The groups below `group` on the way to the hits. The depth is that of the paths.
fn way_down(call: &Call, (documents, listing): (&Documents, &Listing), group: &Document, hits: &[&Document]) -> Vec<Value> {
    let on_the_way = |child: &&Document| hits.iter().any(|hit| is_within(&hit.key.name, &child.key.name));
    let children = sorted(below(documents, Some(group)).filter(on_the_way));
    let with_children = |child: &Document| {
        let mut body = shown(call, documents, child, listing.detail);
        if listing.counts {
            body = counted(documents, child, body);
        }
        body.insert("subGroups".to_owned(), way_down(call, (documents, listing), child, hits).into());
        Value::Object(body)
    };
    children.into_iter().map(with_children).collect()
}

async fn count(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::QueryGroups)?;
    let documents = call.documents().await?;
    let listing = Listing { attributes: Vec::new(), ..Listing::of(&call.query, Detail::Brief) };
    let count = match (&listing.search, call.query.flag("top")) {
        (None, Some(true)) => below(&documents, None).count(),
        _ => documents.of_kind(Kind::Group).filter(|entry| listing.hits(&entry.document)).count(),
    };
    Answer::json(&json!({ "count": count }))
}

async fn read(call: &Call) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let group = found(call, &documents)?;
    call.refuse_without(Permission::ViewGroups)?;
    Answer::json(&counted(&documents, group, shown(call, &documents, group, Detail::Full)))
}

async fn by_path(call: &Call) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let entry = documents.named(Kind::Group, &format!("/{}", call.param(0)));
    let group = &entry.ok_or_else(|| AdminError::error(404, "Group path does not exist"))?.document;
    call.refuse_without(Permission::ViewGroups)?;
    Answer::json(&counted(&documents, group, plain(&documents, group, Detail::Full)))
}

async fn children(call: &Call) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let group = found(call, &documents)?;
    call.refuse_without(Permission::ViewGroups)?;
    let (page, listing) = (call.query.page()?, Listing::of(&call.query, Detail::Full));
    // Keycloak: here a search is for the beginning of a name (recording admin-groups/children-paging).
    let hits = |child: &&Document| {
        listing.search.as_deref().is_none_or(|word| match listing.exact {
            true => name(child) == word,
            false => name(child).to_lowercase().starts_with(&word.to_lowercase()),
        })
    };
    let wanted = sorted(below(&documents, Some(group)).filter(hits));
    let counts = if listing.counts { counts(&documents) } else { HashMap::new() };
    let shown = page.of(wanted.into_iter()).into_iter().map(|child| {
        let body = shown(call, &documents, child, listing.detail);
        if listing.counts { with_count(body, counts.get(&child.key).copied().unwrap_or_default()) } else { body }
    });
    Answer::json(&shown.collect::<Vec<_>>())
}

async fn members(call: &Call) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let group = found(call, &documents)?;
    call.refuse_without(Permission::ViewUsers)?;
    let mut users = crate::member::of(call, &group.key, call.query.page()?).await?;
    if call.query.flag("briefRepresentation") == Some(true) {
        let hidden = ["totp", "notBefore", "disableableCredentialTypes", "requiredActions", "attributes"];
        users = users.into_iter().map(|user| crate::body::without(user, &hidden)).collect();
    }
    Answer::json(&users)
}

fn given_name(given: &Body) -> Result<&str, AdminError> {
    let name = text(given, "name").filter(|name| !name.trim().is_empty());
    name.ok_or_else(|| AdminError::message(400, "Group name is missing"))
}

/// Keycloak: a slash in a name is escaped in the path.
fn path_of(parent: Option<&Document>, name: &str) -> String {
    format!("{}/{}", parent.map(|parent| parent.key.name.as_str()).unwrap_or_default(), name.replace('/', "~/"))
}

fn refuse_used((documents, parent): (&Documents, Option<&Document>), name: &str, word: &str) -> Result<Key, AdminError> {
    let key = Key::of(Kind::Group, path_of(parent, name));
    if documents.get(&key).is_some() {
        return Err(AdminError::message(409, format!("{word} group named '{name}' already exists.")));
    }
    Ok(key)
}

async fn create(call: &Call) -> Result<Answer, AdminError> {
    let given = call.json(&json::GROUP)?;
    call.refuse_without(Permission::ManageUsers)?;
    let id = call.new_id();
    let made = call.change(|documents, changes| place((documents, changes), None, (&given, &id))).await?;
    Ok(if made { Answer::created(call.location(&["groups", &id])) } else { Answer::no_content() })
}

async fn create_child(call: &Call) -> Result<Answer, AdminError> {
    let given = call.json(&json::GROUP)?;
    let id = call.new_id();
    let made = call
        .change(|documents, changes| {
            let parent = found(call, documents)?;
            call.refuse_without(Permission::ManageUsers)?;
            place((documents, changes), Some(parent), (&given, &id))
        })
        .await?;
    if !made {
        return Ok(Answer { body: Some((BARE_JSON, bytes::Bytes::new())), ..Answer::no_content().no_cache() });
    }
    let documents = call.documents().await?;
    let entry = documents.by_id(Kind::Group, &id).ok_or_else(|| AdminError::Broken("the group is gone".to_owned()))?;
    let shown = shown(call, &documents, &entry.document, Detail::Full);
    Ok(Answer::json(&shown)?.media_type(BARE_JSON).status(201).at(call.location(&["groups", &id])))
}

/// Makes a group at a place, or moves the one with the given id there; whether it was made.
fn place(
    (documents, changes): (&Documents, &mut Changes<'_>),
    parent: Option<&Document>,
    (given, id): (&Body, &str),
) -> Result<bool, AdminError> {
    let word = if parent.is_some() { "Sibling" } else { "Top level" };
    let name = given_name(given)?;
    if let Some(moved) = text(given, "id") {
        let entry = documents.by_id(Kind::Group, moved);
        let group = &entry.ok_or_else(|| AdminError::error(404, "Could not find child by id"))?.document;
        if parent_group(documents, group).map(|found| &found.key) == parent.map(|parent| &parent.key) {
            return Ok(false);
        }
        let to = refuse_used((documents, parent), self::name(group), word)?;
        references::rename(changes, documents, (&group.key, &to), group.body.clone());
        return Ok(false);
    }
    let key = refuse_used((documents, parent), name, word)?;
    let kept = ["name", "description", "attributes"];
    let mut body = crate::body::only(without_nulls(given.clone()), &kept);
    body.entry("attributes").or_insert_with(|| Map::new().into());
    body.insert("realmRoles".to_owned(), Vec::<Value>::new().into());
    body.insert("clientRoles".to_owned(), Map::new().into());
    changes.put(Document { key, id: id.to_owned(), body });
    Ok(true)
}

async fn update(call: &Call) -> Result<Answer, AdminError> {
    found(call, &*call.documents().await?)?;
    let given = call.json(&json::GROUP)?;
    call.change(|documents, changes| {
        let group = found(call, documents)?;
        call.refuse_without(Permission::ManageUsers)?;
        let name = given_name(&given)?;
        let mut body = group.body.clone();
        for member in ["description", "attributes"] {
            if let Some(value) = given.get(member).filter(|value| !value.is_null()) {
                body.insert(member.to_owned(), value.clone());
            }
        }
        if name == self::name(group) {
            changes.put_body(&group.key, body);
            return Ok(());
        }
        let to = refuse_used((documents, parent_group(documents, group)), name, "Sibling")?;
        body.insert("name".to_owned(), name.into());
        references::rename(changes, documents, (&group.key, &to), body);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

async fn delete(call: &Call) -> Result<Answer, AdminError> {
    call.change(|documents, changes| {
        let group = found(call, documents)?;
        call.refuse_without(Permission::ManageUsers)?;
        references::delete(changes, documents, &group.key);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}
