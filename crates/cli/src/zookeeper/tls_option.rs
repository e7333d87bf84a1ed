use dockeeper_zk_client::{state::ConnectError, transport::TlsRemedy};

/// The option that helps when a server and TLS do not come together.
pub(crate) fn tls_option(error: &ConnectError) -> Option<&'static str> {
    match error {
        ConnectError::Tls(failed) => failed.remedy.map(option),
        ConnectError::SpeaksTls => Some(
            "speak TLS with it: --zk-tls or DOCKEEPER_ZK_TLS=true, and --zk-tls-ca FILE when an \
             authority of your own vouches for the server",
        ),
        _ => None,
    }
}

fn option(remedy: TlsRemedy) -> &'static str {
    match remedy {
        TlsRemedy::OtherPort => {
            "name the port for TLS, or, to go without TLS, leave the --zk-tls options and \
             DOCKEEPER_ZK_TLS variables out or add --zk-tls=false"
        }
        TlsRemedy::Authority => {
            "name who vouches for the server: --zk-tls-ca FILE or DOCKEEPER_ZK_TLS_CA"
        }
        TlsRemedy::ServerName => {
            "say which name the server's certificate has: --zk-tls-server-name NAME or \
             DOCKEEPER_ZK_TLS_SERVER_NAME"
        }
        TlsRemedy::ClientCertificate => {
            "show a certificate that the server accepts: --zk-tls-cert FILE with --zk-tls-key FILE, \
             or DOCKEEPER_ZK_TLS_CERT with DOCKEEPER_ZK_TLS_KEY"
        }
    }
}
