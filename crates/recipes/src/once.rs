//! Writes that take effect once, whatever becomes of their answers.

use crate::{background::Scrap, patience, pause::Pauses, uuid::Uuid};
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
    let receipt = Scrap::new(client, path::join(receipts, &Uuid::random().hyphenated()));
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
