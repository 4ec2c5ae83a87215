//! `/admin/realms`

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static TOP: Resource = Resource {
    routes: &[Route::get("realms", |call| Box::pin(list(call)))],
    locator: None,
    wrong_verb: WrongVerb::MethodNotAllowed,
};

async fn list(_: &Call) -> Result<Answer, AdminError> {
    Answer::json(&Vec::<String>::new())
}
