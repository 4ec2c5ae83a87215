//! What device code and CIBA have in common: a client polls for its user's answer, and gets tokens for a yes, once.

use std::sync::Arc;

use oidc_types::{SessionId, UserId};
use realm_model::User;
use sessions::{Decision, Decoupled, Replaced, Seen, StoreError, WaitingAuthorization};

use crate::error::{GrantError, WaitingError};
use crate::exchange::Exchange;

/// Times that a request is read again because another poll of it was faster.
const ROUNDS: usize = 64;

/// One poll.
pub(super) struct Poll<'a> {
    pub(super) cx: &'a Exchange<'a>,
    pub(super) by: Decoupled,
    pub(super) code: &'a str,
}

/// A yes that nobody has had tokens for: [`Poll::end`] makes it this caller's.
pub(super) struct Approval {
    pub(super) waiting: Seen<WaitingAuthorization>,
    pub(super) user: UserId,
    pub(super) session: Option<SessionId>,
}

impl Poll<'_> {
    pub(super) fn refused(&self, error: impl Into<WaitingError>) -> GrantError {
        GrantError::Waiting { by: self.by, error: error.into() }
    }

    /// The user's yes, where it is there and `judge` has nothing against it; a refusal leaves the code as it is. Ends the request:
    /// of all who poll at once one gets the approval.
    pub(super) async fn redeem<T>(
        &self,
        judge: impl AsyncFn(&Approval) -> Result<T, GrantError>,
    ) -> Result<(Approval, T), GrantError> {
        for _ in 0..ROUNDS {
            let mut waiting = self.load().await?;
            waiting.polled = Some(self.cx.now);
            let verdict = match waiting.decision.clone() {
                Decision::Pending => Err(self.refused(WaitingError::Pending)),
                Decision::Denied => Err(self.refused(WaitingError::Denied)),
                Decision::Approved { user, session } => {
                    let approval = Approval { waiting: waiting.clone(), user, session };
                    judge(&approval).await.map(|judged| (approval, judged))
                }
            };
            let at = (self.by, &self.cx.realm.name, self.code);
            let written = match &verdict {
                Ok(_) => self.cx.parts.sessions.end_waiting(at, &waiting, self.cx.now).await?,
                Err(_) => self.cx.parts.sessions.replace_waiting(at, &waiting, self.cx.now).await?,
            };
            match written {
                Replaced::Done => return verdict,
                Replaced::Absent => return Err(self.refused(WaitingError::CodeUnknown)),
                Replaced::Lost => {}
            }
        }
        Err(StoreError::Contended { what: "waiting authorization" }.into())
    }

    /// The request of the code, in time, of this client and not too early: in Keycloak's order.
    async fn load(&self) -> Result<Seen<WaitingAuthorization>, GrantError> {
        let (cx, at) = (self.cx, (self.by, &self.cx.realm.name, self.code));
        let found = cx.parts.sessions.find_waiting(at, cx.now).await?;
        let waiting = found.ok_or_else(|| self.refused(WaitingError::CodeUnknown))?;
        // CVE-2023-2585: what one client began is for no other, however it came by the code.
        let is_others = waiting.client != *cx.client.id;
        let refusal = match (self.by, waiting.is_over(cx.now), is_others) {
            (Decoupled::Device, true, _) | (Decoupled::Backchannel, true, false) => Some(WaitingError::Expired),
            (_, _, true) => Some(WaitingError::OtherClient),
            _ if waiting.is_polled_too_early(cx.now) => Some(WaitingError::TooEarly),
            _ => None,
        };
        refusal.map_or(Ok(waiting), |refusal| Err(self.refused(refusal)))
    }

    /// The user of an approval: one who may log in now, for what kept a login out keeps tokens back too (CVE-2026-9798,
    /// CVE-2026-16103, CVE-2026-88770).
    pub(super) async fn load_user(&self, id: &UserId) -> Result<Arc<User>, GrantError> {
        let cx = self.cx;
        let found = cx.parts.users.find_by_id(&cx.realm.name, id.as_str()).await?;
        let user = found.ok_or_else(|| self.refused(WaitingError::UserNotFound))?;
        if !user.enabled || cx.parts.sessions.is_locked_out(cx.realm, &user.id, cx.now).await? {
            return Err(self.refused(WaitingError::UserDisabled(user.id.clone())));
        }
        Ok(user)
    }
}

#[cfg(test)]
mod tests;
