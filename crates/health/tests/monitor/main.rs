//! The monitor in simulated time, with commands as probes.

mod owner;
mod probes;
mod world;
