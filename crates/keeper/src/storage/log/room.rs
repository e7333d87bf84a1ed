/// The unit in which a disk writes. Also where each batch starts, see the [log](super).
pub(in crate::storage) const SECTOR: u64 = 512;

const MIB: u64 = 1024 * 1024;

/// How long a segment is. Space is taken by the segment, and given back by it behind a snapshot:
/// long enough that this is rare, short enough for a machine with a small disk.
const SEGMENT_LEN: u64 = 64 * MIB;

/// How much the transactions of one request may come to. A request is a frame, 1 MiB unless
/// `jute.maxbuffer` is set, and its transactions are little longer.
const GROUP_LEN_MAX: u64 = 16 * MIB;

/// How much one batch may come to, when it is more than one group: under load the first group
/// should not wait for long for what came behind it.
const BATCH_LEN_MAX: u64 = 4 * MIB;

/// How much room only the beginnings and ends of sessions may use. One of them alone in a batch
/// takes a sector, so there is room for 8192; many in one batch take a sixteenth of that.
const SESSION_RESERVE_LEN: u64 = 4 * MIB;

/// How many zeros are written ahead of the batches at once: for the smallest batches one write
/// in 512 is longer by this, for 64 KiB one in four, and it is a matter of 100 µs.
const ZEROS_LEN: u64 = 256 * 1024;

/// How long things are in the log, in bytes. Everything but tests takes the default.
///
/// A segment must be longer than a group can be by a sector at least, and half of one longer than
/// a group and the reserve together.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// A segment.
    pub segment_len: u64,
    /// The most that the transactions of one request come to.
    pub group_len_max: u64,
    /// The most that a batch of several requests comes to.
    pub batch_len_max: u64,
    /// What is kept for the beginnings and ends of sessions.
    pub session_reserve_len: u64,
    /// How many zeros are written ahead at once.
    pub zeros_len: u64,
}

/// For how many more bytes the log has room for sure.
///
/// What is written while there is none would be neither acknowledged nor refused: it would stop
/// the server. So who makes transactions asks before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// For any transaction.
    pub any: u64,
    /// For the beginning and the end of a session: what is kept for them is in here too.
    pub sessions: u64,
}

// === impl Sizes ===

impl Default for Sizes {
    fn default() -> Self {
        Self {
            segment_len: SEGMENT_LEN,
            group_len_max: GROUP_LEN_MAX,
            batch_len_max: BATCH_LEN_MAX,
            session_reserve_len: SESSION_RESERVE_LEN,
            zeros_len: ZEROS_LEN,
        }
    }
}

// === impl Room ===

impl Room {
    /// The room when so many bytes are left.
    pub(in crate::storage) fn of(left: u64, sizes: &Sizes) -> Self {
        Self {
            any: left.saturating_sub(sizes.session_reserve_len),
            sessions: left,
        }
    }

    /// How much of the room a transaction takes at most, from how long it is encoded. Several of
    /// one request take at most the sum.
    pub fn cost(encoded_len: usize) -> u64 {
        super::batch::cost(super::group::RECORD_HEAD_LEN + encoded_len)
    }
}
