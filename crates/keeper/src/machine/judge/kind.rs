//! What a request to create a znode makes: its flags say it, and so does its opcode, and they need
//! not agree.

use crate::{NodeKind, machine::requests::NO_TTL};
use dockeeper_zk_proto::{ErrorCode, OpCode, create::CreateMode};

/// The longest time to live: Apache has 40 bits for it.
const TTL_MAX_MS: i64 = 0xff_ffff_ffff;

/// What is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::machine) struct Named {
    pub(in crate::machine) kind: NodeKind,
    /// Whether the name gets digits.
    pub(in crate::machine) is_sequential: bool,
}

/// For a request by itself the opcode decides: the flag of containers means nothing to the plain
/// opcodes, and whatever is made by the one for containers is one.
pub(in crate::machine) fn kind_alone(
    opcode: OpCode,
    flags: i32,
    ttl_ms: i64,
    has_extended_types: bool,
) -> Result<Named, ErrorCode> {
    let mode = CreateMode::from_wire(flags).ok_or(ErrorCode::BadArguments)?;
    check_ttl(mode, ttl_ms, has_extended_types)?;
    let kind = match opcode {
        OpCode::CreateContainer => NodeKind::Container,
        // Apache's server takes this for a time to live of -1, and stops.
        OpCode::CreateTtl if !is_ttl(mode) => return Err(ErrorCode::BadArguments),
        OpCode::CreateTtl => NodeKind::Ttl(ttl_ms),
        _ if mode.is_ephemeral() => NodeKind::Ephemeral,
        _ => NodeKind::Persistent,
    };
    Ok(Named {
        kind,
        is_sequential: mode.is_sequential(),
    })
}

/// In a multi the flags decide; the opcode says only how the body is laid out.
pub(in crate::machine) fn kind_in_multi(
    flags: i32,
    ttl_ms: i64,
    has_extended_types: bool,
) -> Result<Named, ErrorCode> {
    let mode = CreateMode::from_wire(flags).ok_or(ErrorCode::BadArguments)?;
    let ttl_ms = if is_ttl(mode) { ttl_ms } else { NO_TTL };
    check_ttl(mode, ttl_ms, has_extended_types)?;
    let kind = match mode {
        CreateMode::Container => NodeKind::Container,
        _ if is_ttl(mode) => NodeKind::Ttl(ttl_ms),
        _ if mode.is_ephemeral() => NodeKind::Ephemeral,
        _ => NodeKind::Persistent,
    };
    Ok(Named {
        kind,
        is_sequential: mode.is_sequential(),
    })
}

fn check_ttl(mode: CreateMode, ttl_ms: i64, has_extended_types: bool) -> Result<(), ErrorCode> {
    match is_ttl(mode) {
        true if !has_extended_types => Err(ErrorCode::Unimplemented),
        true if !(1..=TTL_MAX_MS).contains(&ttl_ms) => Err(ErrorCode::BadArguments),
        false if ttl_ms >= 0 => Err(ErrorCode::BadArguments),
        _ => Ok(()),
    }
}

/// Whether flags are those of a znode with a time to live.
pub(in crate::machine) fn is_ttl(mode: CreateMode) -> bool {
    matches!(
        mode,
        CreateMode::PersistentWithTtl | CreateMode::PersistentSequentialWithTtl
    )
}
