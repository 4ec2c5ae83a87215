use std::fmt;
use std::sync::Arc;

/// Who says what a certificate is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Its issuer is one that this server or its proxy trusts.
    Issuer,
    /// Nobody: the client holds its key, and that is all.
    Nobody,
}

/// The certificate of a client: the end of its chain, as the TLS connection or a trusted proxy gave it. That the client holds its
/// key is proved.
#[derive(Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    der: Arc<[u8]>,
    trust: Trust,
}

impl PeerCertificate {
    /// Of an X.509 certificate in DER.
    pub fn new(der: &[u8], trust: Trust) -> Self {
        Self { der: der.into(), trust }
    }

    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Who says what it is worth.
    pub fn trust(&self) -> Trust {
        self.trust
    }
}

impl fmt::Debug for PeerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerCertificate({} bytes, trusted by {:?})", self.der.len(), self.trust)
    }
}
