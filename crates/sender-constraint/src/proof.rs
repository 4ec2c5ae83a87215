use ambient::Timestamp;
use oidc_types::{Confirmation, ConfirmationMethod, RealmName, RefreshBinding};
use realm_http::RealmContext;
use realm_model::Client;
use sessions::{Sessions, SingleUse};

use crate::claims::ProofClaims;
use crate::{ProofError, header};

/// A request that carries a proof, or should.
#[derive(Clone, Copy)]
pub struct ProofRequest<'a> {
    /// The `DPoP` header ([`crate::http::proof_header`]).
    pub proof: Option<&'a str>,
    /// The method of the request.
    pub method: &'a str,
    /// The URLs of the endpoint ([`endpoint_uris`]).
    pub uris: &'a [String],
    /// The access token beside it, at endpoints that take one: `ath` must name it.
    pub access_token: Option<&'a str>,
    /// The realm.
    pub realm: &'a RealmName,
    /// The present.
    pub now: Timestamp,
}

/// The key of a proof that was good. Only [`verify_proof`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DpopProof {
    thumbprint: String,
}

impl DpopProof {
    /// The RFC 7638 thumbprint of the key: `jkt`, `dpop_jkt`.
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// What binds tokens to the key.
    pub fn confirmation(&self, refresh: RefreshBinding) -> Confirmation {
        Confirmation { method: ConfirmationMethod::Dpop, thumbprint: self.thumbprint.clone(), refresh }
    }

    /// What binds the tokens of `client` to the key. RFC 9449 section 5: refresh tokens of public clients are bound, too; those of
    /// others are bound to the client already.
    pub fn confirmation_for(&self, client: &Client) -> Confirmation {
        self.confirmation(if client.public { RefreshBinding::Bound } else { RefreshBinding::Free })
    }
}

/// The URLs under which the endpoint at `path` below the realm was asked: by its front name, by that for services, and by the
/// realm's own token path.
pub fn endpoint_uris(request: &RealmContext, path: &str) -> Vec<String> {
    let mut uris = vec![format!("{}/{path}", request.issuer())];
    let back = format!("{}/{path}", request.back_url());
    if uris.first() != Some(&back) {
        uris.push(back);
    }
    uris.extend(request.token_path.iter().map(|own| request.arrival.origin() + own));
    uris
}

/// The proof of a token request of `client`: none where there is none and the client needs none
/// (`dpop.bound.access.tokens`).
///
/// # Errors
/// [`ProofError`]; a header that is there is judged, whoever the client is.
pub async fn prove(sessions: &Sessions, client: &Client, request: ProofRequest<'_>) -> Result<Option<DpopProof>, ProofError> {
    if request.proof.is_none() && !client.is_on("dpop.bound.access.tokens") {
        return Ok(None);
    }
    verify_proof(sessions, request).await.map(Some)
}

/// Judges a proof in Keycloak's order (wire.md section 1.12; RFC 9449 section 4.3) and spends it: its `jti` is used, whatever
/// becomes of the request.
///
/// # Errors
/// [`ProofError`]
pub async fn verify_proof(sessions: &Sessions, request: ProofRequest<'_>) -> Result<DpopProof, ProofError> {
    let text = request.proof.map(str::trim).filter(|text| !text.is_empty()).ok_or(ProofError::Missing)?;
    let proof = header::parse::<ProofClaims>(text)?;
    let (algorithm, key_type) = (proof.algorithm, proof.key.key_type());
    let verdict = proof.key.verify(algorithm, proof.signing_input, &proof.signature);
    verdict.map_err(|fault| ProofError::Signature { algorithm, key_type, fault })?;
    let claims = proof.claims.judge(&request)?;
    // Keycloak: whatever the key (recording dpop/replay). Proofs are young, so that the mark is never kept for long.
    let mark = (SingleUse::DpopProof, request.realm, claims.id.as_str());
    if !sessions.mark_used(mark, claims.worthless_from, request.now).await? {
        return Err(ProofError::Used);
    }
    Ok(DpopProof { thumbprint: proof.key.thumbprint() })
}

#[cfg(test)]
mod tests;
