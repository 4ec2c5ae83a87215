//! What every durable store keeps to: one suite, run on each.
//!
//! `contract!(make)` in a test module makes a test of each; `make` is an `async fn() -> Made` beside it, or `-> Option<Made>`
//! where the store may not be installed.

pub(crate) mod batches;
pub(crate) mod entities;
pub(crate) mod events;
pub(crate) mod memberships;
pub(crate) mod news;
pub(crate) mod realms;
pub(crate) mod search;
pub(crate) mod users;

use std::any::Any;
use std::sync::Arc;

use realm_model::document::{Key, Kind, UserRecord};
use serde_json::{Value, json};

use crate::{Batch, CommitError, Expected, NewUser, RealmWrite, Repository, Row, UserKey, UserRow, Write};

/// An empty store to be tried.
pub(crate) struct Made {
    pub(crate) store: Arc<dyn Repository>,
    /// The same store as another process has it; the same handle where there can be no other.
    pub(crate) second: Arc<dyn Repository>,
    /// Whether [`Made::second`] is another handle.
    pub(crate) handles: Handles,
    /// Taken away with it.
    pub(crate) guard: Box<dyn Any + Send>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handles {
    One,
    Two,
}

macro_rules! contract {
    ($make:ident) => {
        $crate::contract::contract! { $make;
            realms: a_realm_is_there_with_its_rows realms_come_by_name_in_pages a_realm_is_made_once a_realm_gets_another_name
                a_realm_goes_with_all_of_it nothing_is_changed_in_a_realm_that_is_not_there what_files_said_is_kept;
            entities: an_entity_is_made_written_and_taken_away a_lost_race_is_told a_mark_counts_as_absent
                ids_are_unique_among_one_kind an_entity_gets_another_key a_key_that_is_taken_is_not_given placeholders_and_order_stay;
            batches: of_two_commits_from_one_version_one_wins of_many_commits_at_once_none_is_lost a_failing_last_write_undoes_all
                a_batch_is_based_on_a_version users_leave_the_version_of_the_realm of_two_claims_of_an_email_one_wins;
            users: a_user_is_found_by_every_key what_several_have_finds_nobody a_user_is_written_anew_and_found_anew
                a_username_is_given_once a_lost_race_for_a_user_is_told a_user_is_taken_away users_come_and_go_and_leave_nothing an_email_can_be_claimed
                many_are_added_and_those_there_skipped realms_do_not_share_users
                a_user_without_id_or_username_is_refused;
            memberships: a_renamed_role_is_renamed_in_its_holders a_forgotten_group_has_no_members many_holders_are_all_changed
                a_client_role_follows_its_client;
            search: by_words by_fields by_flags by_attributes by_identity by_membership by_ids in_pages after_a_username
                service_accounts_are_left_out any_case_of_any_script several_conditions_must_all_hold among_many;
            news: commits_are_told_in_order nothing_known_means_everything what_is_too_old_is_not_known_any_more
                one_handle_hears_of_the_other many_users_are_told_as_one a_failed_commit_is_no_news;
            events: events_are_found_by_what_is_asked admin_events_are_found_by_path
                events_expire_are_cleared_and_go_with_their_realm places_rise_and_are_never_given_again a_cursor_is_moved_by_one_alone;
        }
    };
    ($make:ident; $($topic:ident: $($test:ident)+;)+) => {
        $(mod $topic {
            $(#[tokio::test]
            async fn $test() {
                let Some(made) = Option::<$crate::contract::Made>::from(super::$make().await) else { return };
                $crate::contract::$topic::$test(&made).await;
                drop((made.store, made.second));
                drop(made.guard);
            })+
        })+
    };
}
pub(crate) use contract;

/// The id of the realm that [`acme`] makes.
pub(crate) const ACME: &str = "4c5ffb4b-6ac9-4d09-9aa8-9aa7b8de9b49";

/// Makes a realm.
pub(crate) async fn make(store: &dyn Repository, id: &str, name: &str) {
    let realm = RealmWrite::Create { name: name.to_owned(), template: "26.7".to_owned() };
    store.commit(Batch { realm, ..Batch::within(id) }).await.unwrap();
}

/// Makes the realm [`ACME`].
pub(crate) async fn acme(store: &dyn Repository) {
    make(store, ACME, "acme").await;
}

/// Commits to [`ACME`].
pub(crate) async fn commit(store: &dyn Repository, writes: impl IntoIterator<Item = Write>) -> Result<(), CommitError> {
    store.commit(Batch { writes: writes.into_iter().collect(), ..Batch::within(ACME) }).await.map(|_| ())
}

/// What stopped a commit, in words.
pub(crate) async fn refused(store: &dyn Repository, writes: impl IntoIterator<Item = Write>) -> String {
    commit(store, writes).await.unwrap_err().to_string()
}

pub(crate) fn client(name: &str) -> Key {
    Key::of(Kind::Client, name)
}

pub(crate) fn put(key: &Key, id: &str, body: &str, expected: Expected) -> Write {
    Write::Put { key: key.clone(), id: id.to_owned(), body: body.to_owned(), expected }
}

/// The row of a key in [`ACME`].
pub(crate) async fn row(store: &dyn Repository, key: &Key) -> Option<Row> {
    store.realm(ACME).await.unwrap().unwrap().rows.into_iter().find(|row| row.key == *key)
}

/// A user whose id depends on its username; `more` is added to the record.
pub(crate) fn record(username: &str, more: Value) -> UserRecord {
    let mut record = json!({ "id": id_of(username), "username": username, "enabled": true });
    let body = record.as_object_mut().unwrap();
    body.extend(more.as_object().unwrap().clone());
    UserRecord(body.clone())
}

/// Not all ids are UUIDs.
pub(crate) fn id_of(username: &str) -> String {
    match username.len() % 2 {
        0 => format!("id-{username}"),
        _ => format!("00000000-0000-4000-8000-{}", &realm_model::hash_card(username)[..12]),
    }
}

pub(crate) fn put_user(record: UserRecord, expected: Expected) -> Write {
    Write::PutUser { record, expected }
}

pub(crate) fn new_user(record: UserRecord) -> NewUser {
    NewUser::of(&record).unwrap()
}

/// Adds users to [`ACME`].
pub(crate) async fn add(store: &dyn Repository, users: impl IntoIterator<Item = UserRecord>) -> u64 {
    store.add_users(ACME, users.into_iter().map(new_user).collect()).await.unwrap()
}

/// A user of [`ACME`].
pub(crate) async fn found(store: &dyn Repository, key: UserKey<'_>) -> Option<UserRow> {
    store.user(ACME, key).await.unwrap()
}

/// A user of [`ACME`] that is there.
pub(crate) async fn by_name(store: &dyn Repository, username: &str) -> UserRow {
    found(store, UserKey::Username(username)).await.unwrap()
}
