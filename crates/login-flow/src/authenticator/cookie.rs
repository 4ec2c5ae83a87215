//! `auth-cookie`: whoever has logged in in this browser is logged in.

use login_pages::Message;

use super::Step;
use crate::error::LoginError;
use crate::flow::Outcome;
use crate::identity;
use crate::login::{Login, note};

pub(crate) async fn begin(login: &mut Login<'_, '_>) -> Result<Step, LoginError> {
    let client = std::sync::Arc::clone(&login.client);
    let Some(session) = identity::find_session(login.browser, &client).await? else {
        // A cookie that is no good is cleared.
        identity::forget(login.browser);
        return Ok(Step::Over(Outcome::Skipped));
    };
    let Some(user) = login.find_user(&session.user).await?.filter(|user| user.enabled) else {
        identity::forget(login.browser);
        return Ok(Step::Over(Outcome::Skipped));
    };
    login.tab.set_note(note::SESSION, session.id.as_str());
    login.set_user(user);
    if login.wants_new_login(&session) {
        login.tab.set_note(note::AGAIN, "");
        login.leave_message(&Message::info("reauthenticate"));
        return Ok(Step::Over(Outcome::Skipped));
    }
    login.recall_levels(&session);
    // Who is logged in is settled; what is asked for beyond that is still to be shown.
    Ok(Step::Over(if login.needs_step_up() { Outcome::Skipped } else { Outcome::Done }))
}
