//! Roles and groups of users: each stands once, users point to it.

use std::collections::{BTreeSet, HashMap};

use realm_model::document::{Key, Kind};

use super::Failure;
use super::commit::{Changing, Touched};
use super::read::{get, user_row};
use super::statement::{changed, rows};
use super::users;
use crate::CommitError;
use crate::user_index::change_membership;

/// So many users are written anew at once.
const PAGE: i64 = 1_000;

/// Whether users can have it.
fn has_members(key: &Key) -> bool {
    matches!(key.kind, Kind::RealmRole | Kind::ClientRole | Kind::Group)
}

/// The numbers of roles and groups; those that no user had so far get one.
pub(super) async fn numbers<'k>(changing: &Changing<'_>, keys: &BTreeSet<&'k Key>) -> Result<HashMap<&'k Key, i64>, Failure> {
    let mut numbers = found(changing, keys).await?;
    if numbers.len() < keys.len() {
        // In order, so that two who add the same never wait for each other.
        let missing = keys.iter().filter(|key| !numbers.contains_key(*key)).copied().collect::<Vec<_>>();
        let sql = "INSERT INTO latchkey_membership (realm, kind, owner, name) \
                   SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING";
        let (kinds, owners, names) = columns(&missing);
        let _ = changed(&changing.tx, sql, &[&changing.realm, &kinds, &owners, &names]).await?;
        numbers.extend(found(changing, &missing.into_iter().collect()).await?);
    }
    Ok(numbers)
}

type Columns<'k> = (Vec<&'static str>, Vec<&'k str>, Vec<&'k str>);

fn columns<'k>(keys: &[&'k Key]) -> Columns<'k> {
    let kinds = keys.iter().map(|key| key.kind.word()).collect();
    let owners = keys.iter().map(|key| key.owner.as_str()).collect();
    (kinds, owners, keys.iter().map(|key| key.name.as_str()).collect())
}

async fn found<'k>(changing: &Changing<'_>, keys: &BTreeSet<&'k Key>) -> Result<HashMap<&'k Key, i64>, Failure> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<_> = keys.iter().copied().collect();
    let (kinds, owners, names) = columns(&keys);
    let sql = "SELECT t.place, m.no FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS t(kind, owner, name, place) \
               JOIN latchkey_membership m ON m.realm = $1 AND m.kind = t.kind AND m.owner = t.owner AND m.name = t.name";
    let mut numbers = HashMap::with_capacity(keys.len());
    for row in rows(&changing.tx, sql, &[&changing.realm, &kinds, &owners, &names]).await? {
        let place = usize::try_from(get::<i64>(&row, 0)? - 1).unwrap_or(usize::MAX);
        if let Some(key) = keys.get(place) {
            numbers.insert(*key, get(&row, 1)?);
        }
    }
    Ok(numbers)
}

/// Gives every user that has the role or group `from` the other name, or takes it away.
pub(super) async fn change(
    changing: &Changing<'_>,
    from: &Key,
    to: Option<&Key>,
    touched: &mut Touched,
) -> Result<(), CommitError> {
    if !has_members(from) {
        return Ok(());
    }
    let Some(number) = found(changing, &BTreeSet::from([from])).await?.get(from).copied() else { return Ok(()) };
    let sql = "SELECT u.version, u.body, u.no FROM latchkey_member m JOIN latchkey_user u ON u.no = m.user_no \
               WHERE m.membership = $1 AND m.user_no > $2 ORDER BY m.user_no LIMIT $3";
    let mut after = 0;
    loop {
        let page = rows(&changing.tx, sql, &[&number, &after, &PAGE]).await?;
        let Some(last) = page.last() else { break };
        after = get::<i64>(last, 2)?;
        let (mut members, mut bodies) = (Vec::new(), Vec::new());
        for row in &page {
            let mut record = user_row(row)?.record;
            if change_membership(&mut record, from, to) {
                members.push(get::<i64>(row, 2)?);
                bodies.push(users::body(&record));
                touched.user(record.id());
            }
        }
        let sql = "UPDATE latchkey_user u SET version = u.version + 1, body = t.body \
                   FROM unnest($1::bigint[], $2::text[]) AS t(no, body) WHERE u.no = t.no";
        let _ = changed(&changing.tx, sql, &[&members, &bodies]).await?;
    }
    match to {
        Some(to) => hand_over(changing, number, to).await?,
        None => drop_members(changing, number).await?,
    }
    Ok(())
}

async fn drop_members(changing: &Changing<'_>, number: i64) -> Result<(), Failure> {
    let _ = changed(&changing.tx, "DELETE FROM latchkey_member WHERE membership = $1", &[&number]).await?;
    let _ = changed(&changing.tx, "DELETE FROM latchkey_membership WHERE no = $1", &[&number]).await?;
    Ok(())
}

/// The members of `number` become those of `to`.
async fn hand_over(changing: &Changing<'_>, number: i64, to: &Key) -> Result<(), Failure> {
    match found(changing, &BTreeSet::from([to])).await?.get(to) {
        Some(taken) if *taken == number => Ok(()),
        Some(taken) => {
            let sql = "INSERT INTO latchkey_member SELECT user_no, $2 FROM latchkey_member WHERE membership = $1 ON CONFLICT DO NOTHING";
            let _ = changed(&changing.tx, sql, &[&number, taken]).await?;
            drop_members(changing, number).await
        }
        None => {
            let sql = "UPDATE latchkey_membership SET kind = $2, owner = $3, name = $4 WHERE no = $1";
            let _ = changed(&changing.tx, sql, &[&number, &to.kind.word(), &to.owner, &to.name]).await?;
            Ok(())
        }
    }
}
