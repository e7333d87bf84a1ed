use std::io;
use tokio_rustls::rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

/// Says what to do about a handshake that failed.
pub(super) fn of(error: &io::Error) -> io::Error {
    let why = match cause(error) {
        Some(tls) => advice(tls),
        // What a plain port does with the first bytes of TLS.
        None => Some("is this a port for TLS (secureClientPort)?"),
    };
    let kind = error.kind();
    match why {
        Some(why) => io::Error::new(kind, format!("TLS handshake: {error}; {why}")),
        None => io::Error::new(kind, format!("TLS handshake: {error}")),
    }
}

fn cause(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

fn advice(error: &Error) -> Option<&'static str> {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            Some("none of the trusted certificates vouches for the server's")
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => Some("use a name of the server's certificate, or say which name it must have"),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            Some("is this a port for TLS (secureClientPort)?")
        }
        Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::HandshakeFailure,
        ) => Some("the server asks for a client certificate that its authority vouches for"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_port_is_told_from_a_wrong_certificate() {
        let told =
            |error: Error| of(&io::Error::new(io::ErrorKind::InvalidData, error)).to_string();
        let unknown = told(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        assert!(unknown.contains("vouches for the server's"), "{unknown}");
        let required = told(Error::AlertReceived(AlertDescription::CertificateRequired));
        assert!(
            required.contains("asks for a client certificate"),
            "{required}"
        );
        let plain = of(&io::ErrorKind::UnexpectedEof.into()).to_string();
        assert!(plain.contains("secureClientPort"), "{plain}");
        let other = told(Error::HandshakeNotComplete);
        assert_eq!(other, "TLS handshake: handshake not complete");
    }
}
