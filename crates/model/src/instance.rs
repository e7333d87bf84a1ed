//! An instance of a service, in the one record that serves everybody.
//!
//! It is read correctly by Apache Curator's x-discovery (and so by Spring Cloud Zookeeper and
//! Armeria) and by Prometheus' `nerve_sd_configs` and `serverset_sd_configs`: Curator's object with
//! a few more fields at the top, which Curator ignores.

mod wire;

use crate::{ElectionStatus, Foreign, InstanceId, ServiceName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The weight of an instance that states none, as Nerve has it.
pub const WEIGHT_DEFAULT: u32 = 10;

/// An instance of a service. What serde makes of it is for tables and for a host's own files; what
/// stands in ZooKeeper is [`encode`](Self::encode)'s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// The service.
    pub service: ServiceName,
    /// The instance.
    pub id: InstanceId,
    /// The host that it is reached at.
    pub address: String,
    /// The port that it is reached at, never 0; `None` where somebody else's instance has none, as
    /// Curator allows.
    pub port: Option<u16>,
    /// Its share of the load relative to others.
    pub weight: u32,
    /// When it began to run, in milliseconds since 1970.
    pub registered_ms: i64,
    /// Where it comes from; `None` for an instance that something else registered.
    pub origin: Option<Origin>,
}

/// The container behind an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Origin {
    /// The container's host.
    pub node: String,
    /// The container's full id.
    pub container: String,
    /// The container's name.
    pub container_name: String,
    /// Its image, as the user wrote it.
    pub image: String,
    /// The port inside the container.
    pub container_port: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// What tells it from other instances of the service.
    pub tags: Vec<String>,
    /// Further properties.
    pub attributes: BTreeMap<String, String>,
    /// The elections that its container is meant to stand in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub elections: Vec<ElectionStatus>,
}

/// What Curator's payload holds. It has to suit the readers: Curator fails on a class that it
/// cannot load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payload {
    /// Nothing, for any reader.
    #[default]
    None,
    /// Spring Cloud Zookeeper's own.
    Spring,
}

impl Instance {
    /// The record as it stands in the instance's znode.
    pub fn encode(&self, payload: Payload) -> Vec<u8> {
        crate::encode(&wire::Record::new(self, payload))
    }

    /// Reads the record of an instance, also one that another of Curator's users wrote. The
    /// znode's path says which it is.
    pub fn decode(service: ServiceName, id: InstanceId, content: &[u8]) -> Result<Self, Foreign> {
        let record: wire::Read = crate::decode(content)?;
        Ok(record.into_instance(service, id))
    }

    /// What tells it from other instances.
    pub fn tags(&self) -> &[String] {
        self.origin.as_ref().map_or(&[], |origin| &origin.tags)
    }

    /// The host and port, an IPv6 address in brackets; the host alone, without brackets, where
    /// there is no port.
    pub fn endpoint(&self) -> String {
        match self.port {
            Some(port) => endpoint(&self.address, port),
            None => self.address.clone(),
        }
    }
}

/// A host and a port as one text, an IPv6 address in brackets.
pub fn endpoint(address: &str, port: u16) -> String {
    if address.contains(':') {
        format!("[{address}]:{port}")
    } else {
        format!("{address}:{port}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance() -> Instance {
        Instance {
            service: "orders".parse().unwrap(),
            id: "h1:orders-1:8080".parse().unwrap(),
            address: "10.0.0.5".to_owned(),
            port: Some(8080),
            weight: WEIGHT_DEFAULT,
            registered_ms: 1_325_129_459_728,
            origin: Some(Origin {
                node: "h1".to_owned(),
                tags: vec!["v2".to_owned()],
                attributes: BTreeMap::from([("az".to_owned(), "a".to_owned())]),
                ..Origin::default()
            }),
        }
    }

    #[test]
    fn reads_what_it_wrote() {
        for payload in [Payload::None, Payload::Spring] {
            let written = instance().encode(payload);
            let Instance { service, id, .. } = instance();
            assert_eq!(Instance::decode(service, id, &written).unwrap(), instance());
        }
    }

    #[test]
    fn an_instance_without_a_port_has_none_anywhere() {
        let portless = Instance {
            port: None,
            ..instance()
        };
        let shown = serde_json::to_value(&portless).unwrap();
        assert_eq!(shown["port"], serde_json::Value::Null);
        let written = portless.encode(Payload::None);
        let record: serde_json::Value = serde_json::from_slice(&written).unwrap();
        for pointer in ["/port", "/serviceEndpoint"] {
            assert_eq!(record.pointer(pointer), Some(&serde_json::Value::Null));
        }
        let Instance { service, id, .. } = instance();
        assert_eq!(Instance::decode(service, id, &written).unwrap(), portless);
    }

    #[test]
    fn everybody_finds_their_fields() {
        let record: serde_json::Value =
            serde_json::from_slice(&instance().encode(Payload::None)).unwrap();
        for (pointer, value) in [
            ("/name", "\"orders\""),
            ("/id", "\"h1:orders-1:8080\""),
            ("/port", "8080"),
            ("/sslPort", "null"),
            ("/payload", "null"),
            ("/serviceType", "\"DYNAMIC\""),
            ("/uriSpec/parts/0/value", "\"scheme\""),
            ("/host", "\"10.0.0.5\""),
            ("/labels/az", "\"a\""),
            ("/serviceEndpoint/port", "8080"),
            ("/status", "\"ALIVE\""),
            ("/shard", "0"),
            ("/dockeeper/tags/0", "\"v2\""),
        ] {
            let found = record.pointer(pointer).unwrap_or(&serde_json::Value::Null);
            assert_eq!(found.to_string(), value, "{pointer}");
        }
    }

    #[test]
    fn reads_what_curators_other_users_write() {
        let (service, id): (ServiceName, InstanceId) = ("x".parse().unwrap(), "1".parse().unwrap());
        let content = br#"{"name":"x","id":"1","address":"::1","port":7,"payload":{"@class":"y"}}"#;
        let read = Instance::decode(service.clone(), id.clone(), content).unwrap();
        assert_eq!((read.endpoint().as_str(), read.origin), ("[::1]:7", None));
        for (content, expected) in [
            (r#"{"address":"10.0.0.1","port":null}"#, "10.0.0.1"),
            (r#"{"address":"::1"}"#, "::1"),
            // Nothing is reached at port 0.
            (r#"{"address":"10.0.0.1","port":0}"#, "10.0.0.1"),
            (r#"{"address":"a","port":0,"sslPort":443}"#, "a:443"),
            (r#"{"address":"a","port":null,"sslPort":443}"#, "a:443"),
        ] {
            let read = Instance::decode(service.clone(), id.clone(), content.as_bytes());
            assert_eq!(read.unwrap().endpoint(), expected, "{content}");
        }
        for foreign in [
            &b""[..],
            b"{}",
            br#"["10.0.0.1",7]"#,
            b"\xff",
            br#"{"address":"a","port":70000}"#,
        ] {
            assert!(Instance::decode(service.clone(), id.clone(), foreign).is_err());
        }
    }
}
