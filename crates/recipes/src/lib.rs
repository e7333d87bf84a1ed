//! What ZooKeeper is used for, over its client.

pub mod tree;

pub use self::tree::Tree;
