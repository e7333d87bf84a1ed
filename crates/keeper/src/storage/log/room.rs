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

/// How long things are in the log, in bytes. Everything but tests takes the default. A log is only
/// made of sizes that [fit together](Self::check).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Sizes that do not fit together. Means a mistake in who chose them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a log cannot have these sizes: {fault} (segment {}, group {}, reserve for sessions {} bytes)",
    sizes.segment_len, sizes.group_len_max, sizes.session_reserve_len
)]
pub struct SizesError {
    sizes: Sizes,
    fault: &'static str,
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

impl Sizes {
    /// What a server takes.
    const SERVER: Self = Self {
        segment_len: SEGMENT_LEN,
        group_len_max: GROUP_LEN_MAX,
        batch_len_max: BATCH_LEN_MAX,
        session_reserve_len: SESSION_RESERVE_LEN,
        zeros_len: ZEROS_LEN,
    };

    /// Whether they fit together.
    ///
    /// # Errors
    /// They do not.
    pub fn check(self) -> Result<(), SizesError> {
        match self.fault() {
            None => Ok(()),
            Some(fault) => Err(SizesError { sizes: self, fault }),
        }
    }

    const fn fault(&self) -> Option<&'static str> {
        if !self.segment_len.is_multiple_of(SECTOR) {
            return Some("a segment is not whole sectors");
        }
        if self.group_len_max < SECTOR {
            return Some("a group is shorter than a sector");
        }
        // The next segment's space is taken when half of this one is left. A server waits for it
        // when what is left is less than a group and the reserve, so it would wait for what nobody
        // has begun.
        let least = self.group_len_max.saturating_add(self.session_reserve_len);
        if least >= self.segment_len / 2 {
            return Some("a group and the reserve take half a segment or more");
        }
        None
    }
}

const _: () = assert!(Sizes::SERVER.fault().is_none());

impl Default for Sizes {
    fn default() -> Self {
        Self::SERVER
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_do_not_fit_together_are_refused() {
        let sizes = Sizes::default();
        sizes.check().unwrap();
        let short = |group_len_max, session_reserve_len| Sizes {
            segment_len: 64 * SECTOR,
            group_len_max,
            session_reserve_len,
            ..sizes
        };
        short(16 * SECTOR, 16 * SECTOR - 1).check().unwrap();
        for (sizes, why) in [
            (short(16 * SECTOR, 16 * SECTOR), "half a segment"),
            (short(u64::MAX, 1), "half a segment"),
            (short(SECTOR - 1, 1), "shorter than a sector"),
        ] {
            let error = sizes.check().unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        let uneven = Sizes {
            segment_len: SEGMENT_LEN + 1,
            ..sizes
        };
        assert!(uneven.check().is_err());
    }
}
