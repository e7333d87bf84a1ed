//! Writes that take effect once, whatever becomes of their answers.

use crate::{background::Scrap, patience, pause::Pauses};
use dockeeper_zk_client::{Client, CreateMode, Error, ErrorCode, Multi, path};

/// Carries out writes exactly once, through lost connections: all of them, or none with an error.
///
/// The same transaction leaves a receipt: an ephemeral znode of a name that nobody else has, below
/// `receipts`. Made again after a lost answer it fails at the receipt if it had taken effect. The
/// receipt is deleted in the background.
///
/// # Errors
///
/// That of a write which was refused: nothing has changed. When the session is over, nobody knows.
pub(crate) async fn exactly_once(
    client: &Client,
    receipts: &str,
    writes: impl FnOnce(Multi) -> Multi,
) -> Result<(), Error> {
    let receipt = Scrap::new(client, path::join(receipts, &unique()));
    let multi = writes(Multi::new().create(receipt.path(), "", CreateMode::Ephemeral));
    let mut pauses = Pauses::default();
    loop {
        match client.multi(multi.clone()).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is(ErrorCode::NodeExists) && error.path() == receipt.path() => {
                return Ok(());
            }
            Err(error) if patience::passes(&error) => patience::pause(&mut pauses).await,
            Err(error) => return Err(error),
        }
    }
}

/// A name that nobody else has: a UUID of version 4 (RFC 9562), as Java writes it.
pub(crate) fn unique() -> String {
    const VERSION: u128 = 0x4000 << 64;
    const VARIANT: u128 = 0x8000 << 48;
    const FIXED: u128 = (0xf000 << 64) | (0xc000 << 48);
    let bits = (fastrand::u128(..) & !FIXED) | VERSION | VARIANT;
    let hex = format!("{bits:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &hex[part]);
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unique_name_is_a_uuid() {
        let name = unique();
        let lengths: Vec<_> = name.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(name.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&name.as_bytes()[19]));
        assert_ne!(name, unique());
    }
}
