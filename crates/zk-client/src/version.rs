/// What the server takes for any version.
const ANY: i32 = -1;

/// A demanded version as it stands on the wire; `None` for any.
pub(crate) fn to_wire(version: Option<i32>) -> i32 {
    version.unwrap_or(ANY)
}
