//! A container that has a configuration, as those know it who bring it there.

use crate::{labels::Labels, template};
use dockeeper_engine::{
    Container,
    container::{Health, Summary},
};
use std::{collections::BTreeMap, net::IpAddr, net::SocketAddr, sync::Arc, time::Duration};

/// How a container is reached from its host where it has the host's network.
const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// The longest that a container may take to stop before it is killed, where its user set no limit.
const STOP_LIMIT_MAX: Duration = Duration::from_secs(10 * 60);

/// A container that has a configuration.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) container: Container,
    pub(super) labels: Arc<Labels>,
    /// How it ended, when it has.
    pub(super) end: Option<End>,
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// The exit code, where it is known.
    pub(super) exit_code: Option<i32>,
    /// Whether nobody told it to.
    pub(super) is_by_itself: bool,
}

// === impl Member ===

impl Member {
    pub(super) fn new(container: Container) -> Self {
        Self {
            labels: Arc::new(Labels::read(&container.labels)),
            container,
            end: None,
        }
    }

    /// What templates see of it.
    pub(super) fn facts(&self) -> template::Container {
        let container = &self.container;
        let address = |network: &dockeeper_engine::container::NetworkAddress| {
            let v4 = network.ipv4.map(IpAddr::from);
            v4.or(network.ipv6.map(IpAddr::from))
        };
        let networks = container.networks.iter();
        let networks = networks.filter_map(|(name, network)| {
            address(network).map(|address| (name.clone(), address.to_string()))
        });
        template::Container {
            id: container.id.to_string(),
            name: container.name.clone(),
            image: container.image.clone(),
            labels: container.labels.clone(),
            networks: Some(networks.collect()),
        }
    }

    /// What its health check said last; `None` while that says nothing.
    pub(super) fn health(&self) -> Option<Result<(), String>> {
        match self.container.health {
            Health::Healthy => Some(Ok(())),
            Health::Unhealthy => Some(Err(match self.container.health_output.trim() {
                "" => "its health check fails".to_owned(),
                output => format!("its health check fails: {output}"),
            })),
            Health::None | Health::Starting => None,
        }
    }

    /// Where one of its ports is reached from the host.
    pub(super) fn reach(&self, port: u16) -> BTreeMap<u16, SocketAddr> {
        let container = &self.container;
        let own = match container.network_mode.as_str() {
            "host" => Some(SocketAddr::new(LOOPBACK, port)),
            _ => container.networks.values().find_map(|network| {
                let v4 = network.ipv4.map(IpAddr::from);
                let address = v4.or(network.ipv6.map(IpAddr::from))?;
                Some(SocketAddr::new(address, port))
            }),
        };
        own.map(|address| (port, address)).into_iter().collect()
    }

    /// How long it may take to stop before it is killed.
    pub(super) fn stop_timeout(&self) -> Duration {
        let seconds = u64::try_from(self.container.stop_timeout_s);
        seconds
            .map_or(STOP_LIMIT_MAX, Duration::from_secs)
            .min(STOP_LIMIT_MAX)
    }
}

/// What templates see of a container that has not been started.
pub(super) fn facts_before_start(summary: &Summary) -> template::Container {
    template::Container {
        id: summary.id.to_string(),
        name: summary.name.clone(),
        image: summary.image.clone(),
        labels: summary.labels.clone(),
        networks: None,
    }
}
