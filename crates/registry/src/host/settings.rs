//! How a host's containers are registered.

use dockeeper_model::{NodeName, instance::Payload};
use std::{net::IpAddr, time::Duration};

/// How long a container that was told to stop stays out of service while it still runs. Longer
/// than people let their containers take (`docker stop -t`), because Docker does not tell whether
/// the stop is still under way.
pub const STOP_HOLD_DEFAULT: Duration = Duration::from_secs(300);

/// How a host's containers are registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The host.
    pub node: NodeName,
    /// Where the host's published ports are reached.
    pub address: IpAddr,
    /// Whether containers are advertised at their own addresses instead of the host's.
    pub internal: bool,
    /// Whether only containers that name their service are registered under `/services`.
    pub explicit: bool,
    /// Whether ports that are published on a loopback address are advertised.
    pub advertise_loopback: bool,
    /// How a container of a Compose project is named.
    pub compose_name: ComposeName,
    /// What Curator's payload holds.
    pub payload: Payload,
    /// How long a container that was told to stop stays out of service while it still runs.
    pub stop_hold: Duration,
}

/// The name of a Compose service among all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ComposeName {
    /// `<project>-<service>`.
    #[default]
    ProjectService,
    /// `<service>`.
    Service,
}
