//! Templates: a bundle's files with the suffix `.j2`, rendered for one container.
//!
//! The language is Jinja's, as minijinja has it. An undefined value is an error, and so is what is
//! not known at the moment: nothing is ever rendered to an empty text because it could not be asked
//! for. Every question is [recorded](Asked), so that the caller knows when to render again.
//!
//! A template can do nothing but ask [`Facts`] and read files of its bundle, and it does so within
//! bounds: [`STEPS_MAX`], [`NESTING_MAX`] and the length that its caller gives.

mod asked;
mod environment;
mod error;
mod facts;
mod filters;
mod functions;
mod lazy;
mod limited;
mod session;
mod source;

pub use self::{
    asked::Asked,
    error::{Error, Why},
    facts::{Container, Facts, Leader, Node, Unavailable},
};
pub(crate) use self::{environment::Templates, source::SUFFIX};

/// How many steps the templates of a bundle may take together, as minijinja counts its fuel: one
/// for each instruction and for each 64 bytes that are made or read. A bundle of the greatest length
/// takes a quarter million of them; all of them take up to half a second.
pub const STEPS_MAX: u64 = 2_000_000;

/// How deep templates may call and include each other, as minijinja counts: a macro or an included
/// file is 10 deep. It keeps what includes itself from using up the stack.
pub const NESTING_MAX: usize = 200;

#[cfg(test)]
pub(crate) mod tests;
