//! `/admin/realms/{realm}/roles`

use crate::router::{Resource, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource { routes: &[], locator: None, wrong_verb: WrongVerb::NotFound };
