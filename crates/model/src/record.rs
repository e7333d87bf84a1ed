use serde::{
    Serialize,
    de::{DeserializeOwned, Error as _, Unexpected},
};

/// A znode's content that is none of ours.
#[derive(Debug, thiserror::Error)]
#[error("the content is not a record of Dockeeper's: {0}")]
pub struct Foreign(#[from] serde_json::Error);

/// A record as it stands in a znode.
pub fn encode<T: Serialize>(record: &T) -> Vec<u8> {
    // Records have text keys and no writer that fails: nothing can go wrong.
    serde_json::to_vec(record).expect("a record is always JSON")
}

/// Reads a record.
///
/// # Errors
///
/// [`Foreign`] when the content is no JSON object, or lacks what makes a record of this kind.
pub fn decode<T: DeserializeOwned>(content: &[u8]) -> Result<T, Foreign> {
    // Serde would take a list's items for the fields in their order.
    if content.trim_ascii_start().starts_with(b"[") {
        return Err(serde_json::Error::invalid_type(Unexpected::Seq, &"an object").into());
    }
    Ok(serde_json::from_slice(content)?)
}
