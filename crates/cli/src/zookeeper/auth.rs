use crate::exit::Failure;
use std::{convert::Infallible, fmt, str::FromStr};

/// A user and a password. It takes any text, because clap would show one that it refuses.
#[derive(Clone)]
pub(crate) struct Auth(String);

// === impl Auth ===

impl Auth {
    /// An empty variable of the environment is as good as none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn digest(&self) -> Result<String, Failure> {
        match self.0.split_once(':') {
            Some((user, password)) if !user.is_empty() && !password.is_empty() => {
                Ok(self.0.clone())
            }
            _ => Err(Failure::usage(
                "the value of --zk-auth or DOCKEEPER_ZK_AUTH is not USER:PASSWORD (it is not shown \
                 here because it may be secret)",
            )),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_digest_is_refused_without_being_shown() {
        let digest = |text: &str| text.parse::<Auth>().unwrap().digest();
        assert_eq!(digest("me:a:b").unwrap(), "me:a:b");
        for bad in ["hunter2", ":hunter2", "hunter2:"] {
            let failure = digest(bad).unwrap_err();
            assert!(!failure.message.contains("hunter2"), "{failure}");
        }
    }
}
