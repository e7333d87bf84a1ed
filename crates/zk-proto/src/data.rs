//! Reading, changing and deleting znodes.

use crate::{Stat, wire::record};
use bytes::Bytes;

record! {
    /// Deletes a znode.
    pub struct DeleteRequest {
        /// The znode.
        pub path: String,
        /// The `version` that it must have, or -1 for any.
        pub version: i32,
    }
    => Delete -> ();
}

record! {
    /// Asks whether a znode is there.
    pub struct ExistsRequest {
        /// The znode.
        pub path: String,
        /// Whether to watch it; also when it is not there.
        pub watch: bool,
    }
    => Exists -> ExistsResponse;
}

record! {
    /// The metadata of a znode that is there.
    pub struct ExistsResponse {
        /// The znode's metadata.
        pub stat: Stat,
    }
}

record! {
    /// Asks for a znode's data.
    pub struct GetDataRequest {
        /// The znode.
        pub path: String,
        /// Whether to watch its data.
        pub watch: bool,
    }
    => GetData -> GetDataResponse;
}

record! {
    /// A znode's data.
    pub struct GetDataResponse {
        /// The data.
        pub data: Option<Bytes>,
        /// The znode's metadata.
        pub stat: Stat,
    }
}

record! {
    /// Replaces a znode's data.
    pub struct SetDataRequest {
        /// The znode.
        pub path: String,
        /// The new data.
        pub data: Option<Bytes>,
        /// The `version` that the znode must have, or -1 for any.
        pub version: i32,
    }
    => SetData -> SetDataResponse;
}

record! {
    /// The metadata behind changed data.
    pub struct SetDataResponse {
        /// The znode's metadata.
        pub stat: Stat,
    }
}

record! {
    /// Asks for the names of a znode's children: the first of the protocol's two operations.
    pub struct GetChildrenRequest {
        /// The znode.
        pub path: String,
        /// Whether to watch the children.
        pub watch: bool,
    }
    => GetChildren -> GetChildrenResponse;
}

record! {
    /// The names of a znode's children, in no order.
    pub struct GetChildrenResponse {
        /// The names.
        pub children: Vec<String>,
    }
}

record! {
    /// Asks for the names of a znode's children and its metadata.
    pub struct GetChildren2Request {
        /// The znode.
        pub path: String,
        /// Whether to watch the children.
        pub watch: bool,
    }
    => GetChildren2 -> GetChildren2Response;
}

record! {
    /// The names of a znode's children, in no order, and its metadata.
    pub struct GetChildren2Response {
        /// The names.
        pub children: Vec<String>,
        /// The znode's metadata.
        pub stat: Stat,
    }
}

record! {
    /// Asks how many znodes lie below a path, at any depth.
    pub struct GetAllChildrenNumberRequest {
        /// The path.
        pub path: String,
    }
    => GetAllChildrenNumber -> GetAllChildrenNumberResponse;
}

record! {
    /// How many znodes lie below a path.
    pub struct GetAllChildrenNumberResponse {
        /// The number.
        pub total: i32,
    }
}

record! {
    /// Asks the server to catch up with the leader before it answers.
    pub struct SyncRequest {
        /// A path, which has no effect.
        pub path: String,
    }
    => Sync -> SyncResponse;
}

record! {
    /// The server has caught up.
    pub struct SyncResponse {
        /// The request's path.
        pub path: String,
    }
}

record! {
    /// Succeeds only on a znode of one version. Part of a multi.
    pub struct CheckVersionRequest {
        /// The znode.
        pub path: String,
        /// The `version` that it must have, or -1 for any.
        pub version: i32,
    }
    => Check -> ();
}
