use crate::transport::{TlsFailed, TlsRemedy};
use std::io;
use tokio_rustls::rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

/// What TLS made of a connection that failed; `None` if it had nothing to do with it. With TLS 1.3
/// a server refuses a client's certificate only when the client has done its part, so the failure
/// may come with the first read.
pub(crate) fn find(error: &io::Error) -> Option<TlsFailed> {
    let inner = error.get_ref()?;
    if let Some(failed) = inner.downcast_ref::<TlsFailed>() {
        return Some(failed.clone());
    }
    let tls: &Error = inner.downcast_ref()?;
    Some(TlsFailed {
        why: error.to_string(),
        remedy: remedy(tls),
    })
}

/// Says what to do about a handshake that failed.
pub(super) fn explain(error: &io::Error) -> io::Error {
    let failed = find(error).unwrap_or_else(|| TlsFailed {
        why: error.to_string(),
        // What a plain port does with the first bytes of TLS.
        remedy: Some(TlsRemedy::OtherPort),
    });
    io::Error::new(error.kind(), failed)
}

fn remedy(error: &Error) -> Option<TlsRemedy> {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => Some(TlsRemedy::Authority),
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => Some(TlsRemedy::ServerName),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => Some(TlsRemedy::OtherPort),
        Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::HandshakeFailure,
        ) => Some(TlsRemedy::ClientCertificate),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::ConnectError;

    #[test]
    fn a_plain_port_is_told_from_a_wrong_certificate() {
        let told =
            |error: Error| explain(&io::Error::new(io::ErrorKind::InvalidData, error)).to_string();
        let unknown = told(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        assert!(unknown.contains("vouches for the server's"), "{unknown}");
        let required = told(Error::AlertReceived(AlertDescription::CertificateRequired));
        assert!(
            required.contains("asks for a client certificate"),
            "{required}"
        );
        let plain = explain(&io::ErrorKind::UnexpectedEof.into()).to_string();
        assert!(plain.contains("secureClientPort"), "{plain}");
        let other = told(Error::HandshakeNotComplete);
        assert_eq!(other, "TLS handshake: handshake not complete");
    }

    #[test]
    fn a_refusal_behind_the_handshake_is_told_as_well() {
        let alert = Error::AlertReceived(AlertDescription::CertificateRequired);
        let read = io::Error::new(io::ErrorKind::InvalidData, alert);
        let ConnectError::Tls(failed) = ConnectError::from(read) else {
            panic!("it is a failure of TLS");
        };
        assert_eq!(failed.remedy, Some(TlsRemedy::ClientCertificate));
        let plain = explain(&io::ErrorKind::UnexpectedEof.into());
        let ConnectError::Tls(failed) = ConnectError::from(plain) else {
            panic!("it is a failure of TLS");
        };
        assert_eq!(failed.remedy, Some(TlsRemedy::OtherPort));
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(matches!(ConnectError::from(refused), ConnectError::Io(_)));
    }
}
