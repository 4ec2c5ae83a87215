//! The `DPoP` header.

use actix_web::HttpRequest;

/// The name of the header (RFC 9449 section 4.1).
const HEADER: &str = "dpop";

/// The `DPoP` header as it came: several are told as one that is no proof (RFC 9449 section 4.3: "there is not more than one").
pub fn proof_header(http: &HttpRequest) -> Option<String> {
    let values: Vec<_> = http.headers().get_all(HEADER).map(realm_http::http::header_text).collect();
    if values.is_empty() { None } else { Some(values.join(",")) }
}
