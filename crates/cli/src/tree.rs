//! Whole trees of znodes: read, compared, written, and kept in files.
//!
//! What is pure stands by itself: what a znode is in a [`mod@line`] of a file, which [`kinds`]
//! znodes have, what a [`plan`] does about a difference. Around it, [`walk`] reads a tree batch by
//! batch and [`mod@write`] brings another to the same.

pub(crate) mod acl;
pub(crate) mod digest;
pub(crate) mod kinds;
pub(crate) mod line;
pub(crate) mod names;
pub(crate) mod node;
pub(crate) mod place;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod tally;
pub(crate) mod walk;
pub(crate) mod write;

pub(crate) use self::{
    node::Node,
    place::{Place, RESERVED, is_reserved},
};
