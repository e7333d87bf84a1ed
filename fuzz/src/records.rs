use bytes::Bytes;
use dockeeper_zk_proto::{OpCode, Stat, session::*, watch::*};
use dockeeper_zk_proto::{acl::*, connect::*, create::*, data::*, header::*, multi::*};

use super::round_trips;

macro_rules! all {
    ($( $record:ty, )*) => {
        /// Every record.
        const ALL: &[fn(Bytes)] = &[$( round_trips::<$record>, )*];
    };
}

all! {
    Acl, AddWatchMode, AddWatchRequest, AddWatchResponse, AuthRequest, CheckVersionRequest,
    CheckWatchesRequest, ConnectRequest, ConnectResponse, Create2Response, CreateRequest,
    CreateResponse, CreateTtlRequest, DeleteRequest, EventType, ExistsRequest, ExistsResponse,
    GetAclRequest, GetAclResponse, GetAllChildrenNumberRequest, GetAllChildrenNumberResponse,
    GetChildren2Request, GetChildren2Response, GetChildrenRequest, GetChildrenResponse,
    GetDataRequest, GetDataResponse, GetEphemeralsRequest, GetEphemeralsResponse, Id,
    MultiReadRequest, MultiRequest, MultiResponse, OpCode, RemoveWatchesRequest, ReplyHeader,
    RequestHeader, SetAclRequest, SetAclResponse, SetDataRequest, SetDataResponse,
    SetWatches2Request, SetWatchesRequest, Stat, SyncRequest, SyncResponse, WatcherEvent,
    WatcherType, WhoAmIResponse,
}

/// Reads and writes a record.
///
/// The first byte chooses which.
pub fn records(data: &[u8]) {
    let Some((choice, input)) = data.split_first() else {
        return;
    };
    let round_trips = ALL[usize::from(*choice) % ALL.len()];
    round_trips(Bytes::copy_from_slice(input));
}
