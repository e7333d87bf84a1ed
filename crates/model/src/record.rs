use serde::{Serialize, de::DeserializeOwned};

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
pub fn decode<T: DeserializeOwned>(content: &[u8]) -> Result<T, Foreign> {
    Ok(serde_json::from_slice(content)?)
}
