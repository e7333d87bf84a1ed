//! The record's fields, by reader.

use super::{Instance, Origin, Payload, WEIGHT_DEFAULT};
use crate::{InstanceId, ServiceName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Spring's own class of the payload; its reader refuses any other.
const SPRING_PAYLOAD_CLASS: &str =
    "org.springframework.cloud.zookeeper.discovery.ZookeeperInstance";

/// `scheme://address:port`, as Curator's users expect it.
const URI_PARTS: [UriPart; 5] = [
    UriPart::variable("scheme"),
    UriPart::literal("://"),
    UriPart::variable("address"),
    UriPart::literal(":"),
    UriPart::variable("port"),
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    // Curator.
    name: &'a str,
    id: &'a str,
    address: &'a str,
    port: Option<u16>,
    ssl_port: Option<u16>,
    payload: Option<SpringPayload<'a>>,
    #[serde(rename = "registrationTimeUTC")]
    registration_time_utc: i64,
    service_type: &'static str,
    uri_spec: UriSpec,
    // Nerve.
    host: &'a str,
    weight: u32,
    labels: &'a BTreeMap<String, String>,
    // ServerSets.
    service_endpoint: Option<Endpoint<'a>>,
    additional_endpoints: BTreeMap<&'a str, Endpoint<'a>>,
    status: &'static str,
    shard: u32,
    // Ours.
    dockeeper: Option<&'a Origin>,
}

#[derive(Serialize)]
struct SpringPayload<'a> {
    #[serde(rename = "@class")]
    class: &'static str,
    id: &'a str,
    name: &'a str,
    metadata: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct UriSpec {
    parts: [UriPart; 5],
}

#[derive(Serialize)]
struct UriPart {
    value: &'static str,
    variable: bool,
}

#[derive(Serialize)]
struct Endpoint<'a> {
    host: &'a str,
    port: u16,
}

/// What a reader needs, whoever wrote it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Read {
    address: String,
    port: Option<u16>,
    ssl_port: Option<u16>,
    weight: Option<u32>,
    #[serde(rename = "registrationTimeUTC", default)]
    registration_time_utc: i64,
    dockeeper: Option<Origin>,
}

// === impl Record ===

impl<'a> Record<'a> {
    pub(super) fn new(instance: &'a Instance, payload: Payload) -> Self {
        static NO_LABELS: BTreeMap<String, String> = BTreeMap::new();
        let origin = instance.origin.as_ref();
        let labels = origin.map_or(&NO_LABELS, |origin| &origin.attributes);
        Self {
            name: instance.service.as_str(),
            id: instance.id.as_str(),
            address: &instance.address,
            port: instance.port,
            ssl_port: None,
            payload: SpringPayload::new(instance, labels, payload),
            registration_time_utc: instance.registered_ms,
            service_type: "DYNAMIC",
            uri_spec: UriSpec { parts: URI_PARTS },
            host: &instance.address,
            weight: instance.weight,
            labels,
            service_endpoint: instance.port.map(|port| Endpoint {
                host: &instance.address,
                port,
            }),
            additional_endpoints: BTreeMap::new(),
            status: "ALIVE",
            shard: 0,
            dockeeper: origin,
        }
    }
}

// === impl SpringPayload ===

impl<'a> SpringPayload<'a> {
    fn new(
        instance: &'a Instance,
        labels: &'a BTreeMap<String, String>,
        payload: Payload,
    ) -> Option<Self> {
        match payload {
            Payload::None => None,
            Payload::Spring => Some(Self {
                class: SPRING_PAYLOAD_CLASS,
                id: instance.id.as_str(),
                name: instance.service.as_str(),
                metadata: labels
                    .iter()
                    .map(|(key, value)| (key.as_str(), value.as_str()))
                    .chain([("instance_status", "UP")])
                    .collect(),
            }),
        }
    }
}

// === impl UriPart ===

impl UriPart {
    const fn variable(value: &'static str) -> Self {
        Self {
            value,
            variable: true,
        }
    }

    const fn literal(value: &'static str) -> Self {
        Self {
            value,
            variable: false,
        }
    }
}

// === impl Read ===

impl Read {
    pub(super) fn into_instance(self, service: ServiceName, id: InstanceId) -> Instance {
        // Spring's applications may have only the one or the other.
        let mut ports = [self.port, self.ssl_port].into_iter().flatten();
        Instance {
            service,
            id,
            address: self.address,
            port: ports.find(|port| *port != 0),
            weight: self.weight.unwrap_or(WEIGHT_DEFAULT),
            registered_ms: self.registration_time_utc,
            origin: self.dockeeper,
        }
    }
}
