use realm_model::document::UserRecord;

use crate::StoreError;
use crate::user_index::UserIndex;

/// A user as it will be written: small beside its record, and worked out by whoever has that at hand.
pub struct NewUser {
    pub(crate) index: UserIndex,
    pub(crate) body: String,
}

impl NewUser {
    /// Of its record.
    ///
    /// # Errors
    /// It has no id or no username.
    pub fn of(record: &UserRecord) -> Result<Self, StoreError> {
        let index = UserIndex::of(record);
        if index.id.is_empty() || index.username.is_empty() {
            return Err(StoreError::Unavailable("a user without id or username cannot be stored".to_owned()));
        }
        let damaged = |_| StoreError::Unavailable("the record of a user cannot be written".to_owned());
        Ok(Self { index, body: serde_json::to_string(&record.0).map_err(damaged)? })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_user_without_id_or_username_is_none() {
        for (id, username, is_user) in [("1", "ann", true), ("", "ann", false), ("1", "", false)] {
            let record = json!({ "id": id, "username": username });
            let record = UserRecord(record.as_object().unwrap().clone());
            assert_eq!(NewUser::of(&record).is_ok(), is_user, "{record:?}");
        }
    }
}
