//! The host side: what lies on a host for its containers, and how Docker asks for it.

pub mod cache;
pub mod feed;
pub mod owner;
pub mod plugin;
pub mod runner;
mod subscriber;
pub mod surroundings;
pub mod volume;
