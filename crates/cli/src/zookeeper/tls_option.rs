use dockeeper_zk_client::{state::ConnectError, transport::TlsRemedy};

/// The option that helps when a server and TLS do not come together; `switch` is the one that says
/// whether TLS is spoken with that server.
pub(crate) fn tls_option(error: &ConnectError, switch: &str) -> Option<String> {
    match error {
        ConnectError::Tls(failed) => failed.remedy.map(|remedy| option(remedy, switch)),
        ConnectError::SpeaksTls => Some(format!(
            "speak TLS with it: {switch} or DOCKEEPER_ZK_TLS=true, and --zk-tls-ca FILE when an \
             authority of your own vouches for the server"
        )),
        _ => None,
    }
}

fn option(remedy: TlsRemedy, switch: &str) -> String {
    let option = match remedy {
        TlsRemedy::OtherPort => {
            return format!(
                "name the port for TLS, or, to go without TLS, leave the --zk-tls options and \
                 DOCKEEPER_ZK_TLS variables out or add {switch}=false"
            );
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
    };
    option.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_of_the_server_that_is_meant_is_named() {
        let told = option(TlsRemedy::OtherPort, "--from-tls");
        assert!(told.contains("add --from-tls=false"), "{told}");
        let told = tls_option(&ConnectError::SpeaksTls, "--to-tls").unwrap();
        assert!(told.contains("--to-tls or "), "{told}");
    }
}
