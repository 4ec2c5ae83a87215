use std::collections::BTreeMap;
use std::sync::Arc;

use crate::RoleKey;

/// The path of a group, such as `/engineering/backend`.
pub type GroupPath = Arc<str>;

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// The last part of the path.
    pub name: String,
    /// `/parent/name`
    pub path: GroupPath,
    /// The path of the group it is in.
    pub parent: Option<GroupPath>,
    /// Roles its members have; those of the parents are not repeated here.
    pub roles: Vec<RoleKey>,
    /// `attributes`
    pub attributes: BTreeMap<String, Vec<String>>,
}
