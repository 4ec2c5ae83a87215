use std::fmt;
use std::sync::Arc;

/// The certificate of a client: the end of its chain, as the TLS connection or a trusted proxy gave it. That the client holds its
/// key is proved; what the certificate is worth is for the reader to judge.
#[derive(Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    der: Arc<[u8]>,
}

impl PeerCertificate {
    /// Of an X.509 certificate in DER.
    pub fn new(der: &[u8]) -> Self {
        Self { der: der.into() }
    }

    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

impl fmt::Debug for PeerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerCertificate({} bytes)", self.der.len())
    }
}
