use crate::exit::Failure;
use std::{convert::Infallible, fmt, str::FromStr};

/// A user and a password. It takes any text, because clap would show one that it refuses.
#[derive(Clone)]
pub(crate) struct Auth(String);

/// Where a person gives a user and a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AuthOption {
    pub(crate) option: &'static str,
    pub(crate) variable: &'static str,
    /// The option that says whether TLS is spoken with the same server.
    pub(crate) tls: &'static str,
}

/// Who a session acts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) has_credentials: bool,
    pub(super) option: AuthOption,
}

// === impl Auth ===

impl Auth {
    /// An empty variable of the environment is as good as none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn digest(&self, option: AuthOption) -> Result<String, Failure> {
        match self.0.split_once(':') {
            Some((user, password)) if !user.is_empty() && !password.is_empty() => {
                Ok(self.0.clone())
            }
            _ => Err(Failure::usage(format!(
                "the value of {option} is not USER:PASSWORD (it is not shown here because it may \
                 be secret)"
            ))),
        }
    }
}

impl FromStr for Auth {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth(..)")
    }
}

// === impl AuthOption ===

impl AuthOption {
    /// That of all commands but those that know two servers.
    pub(crate) const ZK: Self = Self {
        option: "--zk-auth",
        variable: "DOCKEEPER_ZK_AUTH",
        tls: "--zk-tls",
    };
}

impl fmt::Display for AuthOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} or {}", self.variable, self.option)
    }
}

// === impl Identity ===

impl Identity {
    /// What to do when it is refused.
    pub(super) fn advice(&self) -> String {
        let option = self.option;
        if self.has_credentials {
            format!("check the user and the password of {option}")
        } else {
            format!("give a user and a password that may, with {option}")
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.has_credentials {
            "the credentials that were given"
        } else {
            "anybody without credentials"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_digest_is_refused_without_being_shown() {
        let digest = |text: &str| text.parse::<Auth>().unwrap().digest(AuthOption::ZK);
        assert_eq!(digest("me:a:b").unwrap(), "me:a:b");
        for bad in ["hunter2", ":hunter2", "hunter2:"] {
            let failure = digest(bad).unwrap_err();
            assert!(!failure.message.contains("hunter2"), "{failure}");
            assert!(failure.message.contains("--zk-auth"), "{failure}");
        }
    }
}
