//! Around every request of the main port: counted, bounded in time, and told to close when the server stops.

use std::time::Duration;

use actix_web::Error;
use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::lifecycle::Phase;
use crate::metrics::{Endpoint, Outcome};
use crate::vitals::Vitals;

/// How long a request may take, its body's way here included. Longer than any queue of password hashes may become.
const DEADLINE: Duration = Duration::from_secs(60);

/// # Errors
/// Those of the services behind it; 408 past the deadline.
pub(super) async fn observe<B: MessageBody>(req: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let Some(vitals) = req.app_data::<Data<Vitals>>().cloned() else { return next.call(req).await };
    let endpoint = Endpoint::of(req.path());
    let _in_flight = vitals.lifecycle.enter();
    let answer = match actix_web::rt::time::timeout(DEADLINE, next.call(req)).await {
        Ok(answer) => answer,
        Err(_) => {
            let late = HttpResponse::RequestTimeout().force_close().finish();
            Err(InternalError::from_response("the request took too long", late).into())
        }
    };
    match answer {
        Ok(mut response) => {
            vitals.metrics.count(endpoint, Outcome::of(response.status().as_u16()));
            if vitals.lifecycle.phase() == Phase::Stopping {
                response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
            Ok(response)
        }
        Err(error) => {
            let status: StatusCode = error.as_response_error().status_code();
            vitals.metrics.count(endpoint, Outcome::of(status.as_u16()));
            Err(error)
        }
    }
}
