use std::fmt;

/// TLS with a server failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFailed {
    /// What went wrong.
    pub why: String,
    /// What helps, where that can be told.
    pub remedy: Option<TlsRemedy>,
}

/// What helps when TLS with a server fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsRemedy {
    /// Another port, or no TLS: the server does not speak it here.
    OtherPort,
    /// To trust who vouches for the server.
    Authority,
    /// To say which name the server's certificate has.
    ServerName,
    /// A client certificate that the server accepts.
    ClientCertificate,
}

// === impl TlsFailed ===

impl fmt::Display for TlsFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TLS handshake: {}", self.why)?;
        match self.remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TlsFailed {}

// === impl TlsRemedy ===

impl fmt::Display for TlsRemedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherPort => "is this a port for TLS (secureClientPort)?",
            Self::Authority => "none of the trusted certificates vouches for the server's",
            Self::ServerName => {
                "use a name of the server's certificate, or say which name it must have"
            }
            Self::ClientCertificate => {
                "the server asks for a client certificate that its authority vouches for"
            }
        })
    }
}
