//! What comes back.

use super::Ask;
use bytes::Bytes;
use dockeeper_zk_proto::{
    Decoder, OpCode, Record, Stat,
    acl::{GetAclResponse, Id, SetAclResponse},
    create::{Create2Response, CreateResponse},
    data::{
        ExistsResponse, GetAllChildrenNumberResponse, GetChildren2Response, GetChildrenResponse,
        GetDataResponse, SetDataResponse, SyncResponse,
    },
    multi::{MultiResponse, OpResult},
    session::{GetEphemeralsResponse, WhoAmIResponse},
    watch::AddWatchResponse,
};

/// A reply's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Nothing,
    Path(String),
    Paths(Vec<String>),
    Stat(Stat),
    Created(String, Stat),
    Data(Option<Bytes>, Stat),
    Children(Vec<String>, Option<Stat>),
    Acl(GetAclResponse),
    Number(i32),
    Ids(Vec<Id>),
    Results(Vec<OpResult>),
}

impl Ask {
    /// Reads a reply's body; how many bytes are left behind it.
    pub(crate) fn read(&self, body: Bytes) -> (Body, usize) {
        let mut input = Decoder::new(body);
        let body = self.read_body(&mut input);
        (body, input.remaining())
    }

    fn read_body(&self, input: &mut Decoder) -> Body {
        match self {
            Self::Create(OpCode::Create, _) => Body::Path(read::<CreateResponse>(input).path),
            Self::Create(..) => {
                let created: Create2Response = read(input);
                Body::Created(created.path, created.stat)
            }
            Self::Exists(..) => Body::Stat(read::<ExistsResponse>(input).stat),
            Self::GetData(..) => {
                let got: GetDataResponse = read(input);
                Body::Data(got.data, got.stat)
            }
            Self::SetData(..) => Body::Stat(read::<SetDataResponse>(input).stat),
            Self::GetAcl(_) => Body::Acl(read(input)),
            Self::SetAcl(..) => Body::Stat(read::<SetAclResponse>(input).stat),
            Self::GetChildren(..) => {
                Body::Children(sorted(read::<GetChildrenResponse>(input).children), None)
            }
            Self::GetChildren2(..) => {
                let got: GetChildren2Response = read(input);
                Body::Children(sorted(got.children), Some(got.stat))
            }
            Self::CountChildren(_) => {
                Body::Number(read::<GetAllChildrenNumberResponse>(input).total)
            }
            Self::GetEphemerals(_) => {
                Body::Paths(sorted(read::<GetEphemeralsResponse>(input).paths))
            }
            Self::Sync(_) => Body::Path(read::<SyncResponse>(input).path),
            Self::AddWatch(..) => Body::Number(read::<AddWatchResponse>(input).err),
            Self::WhoAmI => Body::Ids(read_ids(input)),
            Self::Multi(_) | Self::MultiRead(_) => Body::Results(read_results(input)),
            Self::Cut(ask, _) => ask.read_body(input),
            _ => Body::Nothing,
        }
    }
}

fn read<T: Record>(input: &mut Decoder) -> T {
    input.read().expect("a reply's body")
}

/// The identities are in no order, and the connection's address differs between the servers.
fn read_ids(input: &mut Decoder) -> Vec<Id> {
    let mut ids = read::<WhoAmIResponse>(input).ids;
    for id in &mut ids {
        if id.scheme == "ip" {
            id.id = "address".to_owned();
        }
    }
    ids.sort_by(|a, b| (&a.scheme, &a.id).cmp(&(&b.scheme, &b.id)));
    ids
}

fn read_results(input: &mut Decoder) -> Vec<OpResult> {
    let mut results = read::<MultiResponse>(input).results;
    for result in &mut results {
        if let OpResult::GetChildren(got) = result {
            got.children.sort();
        }
    }
    results
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

// === impl Body ===

impl Body {
    pub(crate) fn each_stat(&mut self, visit: &mut impl FnMut(&mut Stat)) {
        match self {
            Self::Stat(stat)
            | Self::Created(_, stat)
            | Self::Data(_, stat)
            | Self::Children(_, Some(stat)) => visit(stat),
            Self::Acl(got) => visit(&mut got.stat),
            Self::Results(results) => {
                for result in results {
                    match result {
                        OpResult::Create2(created) => visit(&mut created.stat),
                        OpResult::SetData(set) => visit(&mut set.stat),
                        OpResult::GetData(got) => visit(&mut got.stat),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// Takes the sequence's root off all paths.
    pub(crate) fn relative_to(&mut self, root: &str) {
        let strip = |path: &mut String| *path = path.replace(root, "");
        match self {
            Self::Path(path) | Self::Created(path, _) => strip(path),
            Self::Paths(paths) => paths.iter_mut().for_each(strip),
            Self::Results(results) => {
                for result in results {
                    match result {
                        OpResult::Create(created) => strip(&mut created.path),
                        OpResult::Create2(created) => strip(&mut created.path),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}
