//! Who gives commands.

/// The user and the host, as records name them: `user@host`.
pub(crate) fn who() -> String {
    let var = |name| {
        std::env::var(name)
            .ok()
            .filter(|value: &String| !value.is_empty())
    };
    let user = var("USER").or_else(|| var("LOGNAME"));
    let user = user.unwrap_or_else(|| "unknown".to_owned());
    let host = rustix::system::uname();
    format!("{user}@{}", host.nodename().to_string_lossy())
}
