//! What a request asks for.

use crate::{DecodeError, Decoder, Record};
use bytes::BytesMut;

macro_rules! opcodes {
    ($( $name:ident = $value:literal, $text:literal; )*) => {
        /// The operation of a request, as its header names it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are the protocol's own")]
        pub enum OpCode {
            $( $name, )*
        }

        impl OpCode {
            /// Every operation.
            pub const ALL: &[Self] = &[$( Self::$name, )*];

            /// The operation of a number on the wire.
            pub fn from_wire(code: i32) -> Option<Self> {
                match code {
                    $( $value => Some(Self::$name), )*
                    _ => None,
                }
            }

            /// What stands on the wire.
            pub fn to_wire(self) -> i32 {
                match self {
                    $( Self::$name => $value, )*
                }
            }

            /// The operation's name, in lower case, for logs and errors.
            pub fn name(self) -> &'static str {
                match self {
                    $( Self::$name => $text, )*
                }
            }
        }
    };
}

opcodes! {
    Create = 1, "create";
    Delete = 2, "delete";
    Exists = 3, "exists";
    GetData = 4, "get";
    SetData = 5, "set";
    GetAcl = 6, "get ACL";
    SetAcl = 7, "set ACL";
    GetChildren = 8, "list";
    Sync = 9, "sync";
    Ping = 11, "ping";
    GetChildren2 = 12, "list";
    Check = 13, "check";
    Multi = 14, "multi";
    Create2 = 15, "create";
    Reconfig = 16, "reconfig";
    CheckWatches = 17, "check watches";
    RemoveWatches = 18, "remove watches";
    CreateContainer = 19, "create";
    DeleteContainer = 20, "delete container";
    CreateTtl = 21, "create";
    MultiRead = 22, "multi read";
    Auth = 100, "authenticate";
    SetWatches = 101, "set watches";
    Sasl = 102, "SASL";
    GetEphemerals = 103, "get ephemerals";
    GetAllChildrenNumber = 104, "count children";
    SetWatches2 = 105, "set watches";
    AddWatch = 106, "add watch";
    WhoAmI = 107, "who am I";
    CreateSession = -10, "create session";
    CloseSession = -11, "close session";
}

impl Record for OpCode {
    const LEN_MIN: usize = i32::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        self.to_wire().encode(out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        let value = input.read()?;
        Self::from_wire(value).ok_or(DecodeError::Value {
            what: "an opcode",
            value,
        })
    }
}
