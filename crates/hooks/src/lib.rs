//! What a label has done when something happens to a container: a command is run in it, a signal is
//! sent to it, or a request to it or to somebody else.
//!
//! A [`Hook`] is read from a label's value, and [`run()`] carries it out. What happened, and what is
//! told of it, is for the caller to say in a [`Context`].
//!
//! | module | what lives there |
//! |---|---|
//! | [`hook`] | what a hook is, and how a label says it |
//! | [`url`] | where a request goes |
//! | [`signal`] | the signals' names and numbers |
//! | [`mod@run`] | how a hook is carried out |

pub mod hook;
pub mod run;
pub mod signal;
pub mod url;

pub use hook::{Hook, command};
pub use run::{Context, GRACE, run};
pub use url::Url;
