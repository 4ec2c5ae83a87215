//! Many users at once: streamed into the tables by `COPY`.

use std::collections::{BTreeSet, HashSet};
use std::pin::pin;

use deadpool_postgres::tokio_postgres::binary_copy::BinaryCopyInWriter;
use deadpool_postgres::tokio_postgres::types::{ToSql, Type};
use realm_model::document::Key;

use super::commit::Changing;
use super::read::get;
use super::statement::rows;
use super::{Failure, memberships};
use crate::user_index::UserIndex;
use crate::{NewUser, StoreError};

/// So many users are sent at once.
const TOGETHER: usize = 5_000;

/// A user that is added.
struct Added<'r> {
    no: i64,
    index: &'r UserIndex,
    body: &'r str,
}

/// See [`crate::Repository::add_users`]. The caller holds the realm alone: nobody adds the same users meanwhile.
pub(super) async fn add(changing: &Changing<'_>, users: &[NewUser]) -> Result<u64, StoreError> {
    let mut added = 0;
    for some in users.chunks(TOGETHER) {
        let new = numbered(changing, some).await?;
        added += new.len() as u64;
        if !new.is_empty() {
            copy_users(changing, &new).await?;
            copy_parts(changing, &new).await?;
        }
    }
    Ok(added)
}

/// Those of whom neither id nor username is there, in the order of usernames, which is kinder to the index.
async fn numbered<'r>(changing: &Changing<'_>, users: &'r [NewUser]) -> Result<Vec<Added<'r>>, Failure> {
    let (mut ids, mut usernames) = taken(changing, users).await?;
    let mut users: Vec<&NewUser> = users.iter().collect();
    // Of several of one name in the call the first counts.
    users.retain(|NewUser { index: user, .. }| {
        let is_new = !ids.contains(&user.id) && !usernames.contains(&user.username);
        is_new && ids.insert(user.id.clone()) && usernames.insert(user.username.clone())
    });
    users.sort_by(|one, other| one.index.username.cmp(&other.index.username));
    let sql = "SELECT nextval(pg_get_serial_sequence('latchkey_user', 'no')) FROM generate_series(1, $1::integer)";
    let numbers = rows(&changing.tx, sql, &[&i32::try_from(users.len()).unwrap_or(i32::MAX)]).await?;
    let with_number = users.into_iter().zip(&numbers);
    with_number.map(|(NewUser { index, body }, row)| Ok(Added { no: get(row, 0)?, index, body })).collect()
}

/// Ids and usernames that are there.
async fn taken(changing: &Changing<'_>, users: &[NewUser]) -> Result<(HashSet<String>, HashSet<String>), Failure> {
    let ids: Vec<_> = users.iter().map(|user| user.index.id.as_str()).collect();
    let usernames: Vec<_> = users.iter().map(|user| user.index.username.as_str()).collect();
    let by_id = "SELECT id FROM latchkey_user WHERE realm = $1 AND id = ANY($2)";
    let by_username = "SELECT username FROM latchkey_user WHERE realm = $1 AND username = ANY($2)";
    let texts = |rows: Vec<tokio_postgres::Row>| rows.iter().map(|row| get::<String>(row, 0)).collect::<Result<HashSet<_>, _>>();
    let ids = texts(rows(&changing.tx, by_id, &[&changing.realm, &ids]).await?)?;
    Ok((ids, texts(rows(&changing.tx, by_username, &[&changing.realm, &usernames]).await?)?))
}

async fn copy_users(changing: &Changing<'_>, new: &[Added<'_>]) -> Result<(), Failure> {
    let into = "latchkey_user (no, realm, id, username, email, first_name, last_name, enabled, email_verified, service_account, \
                version, body)";
    let text = || Type::TEXT;
    let types =
        [Type::INT8, Type::INT4, text(), text(), text(), text(), text(), Type::BOOL, Type::BOOL, text(), Type::INT8, text()];
    let mut copy = pin!(started(changing, into, &types).await?);
    for Added { no, index, body } in new {
        let user: [&(dyn ToSql + Sync); 12] = [
            no,
            &changing.realm,
            &index.id,
            &index.username,
            &index.email,
            &index.first_name,
            &index.last_name,
            &index.enabled,
            &index.email_verified,
            &index.service_account,
            &1_i64,
            body,
        ];
        copy.as_mut().write(&user).await?;
    }
    copy.finish().await?;
    Ok(())
}

async fn copy_parts(changing: &Changing<'_>, new: &[Added<'_>]) -> Result<(), Failure> {
    let keys: BTreeSet<&Key> = new.iter().flat_map(|user| &user.index.memberships).collect();
    let numbers = memberships::numbers(changing, &keys).await?;
    let of_users = new.iter().flat_map(|user| user.index.memberships.iter().map(|key| (user.no, key)));
    let members: Vec<_> = of_users.filter_map(|(no, key)| Some((no, *numbers.get(key)?))).collect();
    if !members.is_empty() {
        let mut copy = pin!(started(changing, "latchkey_member (user_no, membership)", &[Type::INT8, Type::INT8]).await?);
        for (user, membership) in &members {
            copy.as_mut().write(&[user, membership]).await?;
        }
        copy.finish().await?;
    }
    let attributes = new.iter().flat_map(|user| user.index.attributes.iter().map(|pair| (user.no, pair)));
    copy_pairs(changing, "latchkey_attribute (user_no, realm, name, value)", attributes.collect()).await?;
    let identities = new.iter().flat_map(|user| user.index.identities.iter().map(|pair| (user.no, pair)));
    copy_pairs(changing, "latchkey_identity (user_no, realm, provider, provider_user)", identities.collect()).await?;
    let cards: Vec<_> = new.iter().flat_map(|user| user.index.cards.iter().map(|hash| (user.no, hash))).collect();
    if !cards.is_empty() {
        let types = [Type::INT8, Type::INT4, Type::TEXT];
        let mut copy = pin!(started(changing, "latchkey_card (user_no, realm, hash)", &types).await?);
        for (user, hash) in &cards {
            copy.as_mut().write(&[user, &changing.realm, hash]).await?;
        }
        copy.finish().await?;
    }
    Ok(())
}

async fn copy_pairs(changing: &Changing<'_>, into: &str, all: Vec<(i64, &(String, String))>) -> Result<(), Failure> {
    if all.is_empty() {
        return Ok(());
    }
    let types = [Type::INT8, Type::INT4, Type::TEXT, Type::TEXT];
    let mut copy = pin!(started(changing, into, &types).await?);
    for (user, (name, value)) in &all {
        copy.as_mut().write(&[user, &changing.realm, name, value]).await?;
    }
    copy.finish().await?;
    Ok(())
}

async fn started(changing: &Changing<'_>, into: &str, types: &[Type]) -> Result<BinaryCopyInWriter, Failure> {
    let sink = changing.tx.copy_in(&format!("COPY {into} FROM STDIN BINARY")).await?;
    Ok(BinaryCopyInWriter::new(sink, types))
}
