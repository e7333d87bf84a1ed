use std::collections::HashMap;

use bollard::models::{EventMessage, EventMessageTypeEnum as Type};

use crate::container::Health;
use crate::{Action, Event};

/// What precedes the new health in the action of a health event.
const HEALTH_STATUS: &str = "health_status";

/// A container's event, or `None` when it is of something else.
pub(in crate::docker) fn event(message: EventMessage) -> Option<Event> {
    let actor = message.actor.unwrap_or_default();
    let subject = actor.id.unwrap_or_default();
    let mut attributes = Attributes(actor.attributes.unwrap_or_default());
    let action = message.action.unwrap_or_default();
    let time_ns = message.time_nano.unwrap_or_default();
    match message.typ? {
        Type::CONTAINER => {
            let action = of_container(&action, &mut attributes);
            Some(Event {
                id: subject.parse().ok()?,
                action,
                time_ns,
            })
        }
        Type::NETWORK => {
            let action = match action.as_str() {
                "connect" => Action::NetworkConnect { network: subject },
                "disconnect" => Action::NetworkDisconnect { network: subject },
                _ => return None,
            };
            Some(Event {
                id: attributes.take("container").parse().ok()?,
                action,
                time_ns,
            })
        }
        Type::VOLUME => {
            let driver = attributes.take("driver");
            let volume = subject;
            let action = match action.as_str() {
                "mount" => Action::VolumeMount { volume, driver },
                "unmount" => Action::VolumeUnmount { volume, driver },
                _ => return None,
            };
            Some(Event {
                id: attributes.take("container").parse().ok()?,
                action,
                time_ns,
            })
        }
        _ => None,
    }
}

fn of_container(action: &str, attributes: &mut Attributes) -> Action {
    if let Some(health) = action.strip_prefix(HEALTH_STATUS) {
        return Action::HealthStatus(health_status(health));
    }
    match action {
        "create" => Action::Create,
        "start" => Action::Start,
        "die" => Action::Die {
            exit_code: attributes.take("exitCode").parse().unwrap_or(0),
        },
        "kill" => Action::Kill {
            signal: attributes.take("signal").parse().ok(),
        },
        "stop" => Action::Stop,
        "pause" => Action::Pause,
        "unpause" => Action::Unpause,
        "rename" => Action::Rename {
            from: attributes
                .take("oldName")
                .trim_start_matches('/')
                .to_owned(),
            to: attributes.take("name").trim_start_matches('/').to_owned(),
        },
        "restart" => Action::Restart,
        "destroy" => Action::Destroy,
        "update" => Action::Update,
        "oom" => Action::Oom,
        _ => Action::Other,
    }
}

/// Reads what follows `health_status`: a colon and the status, in lower case.
fn health_status(text: &str) -> Health {
    match text.trim_start_matches([':', ' ']) {
        "starting" => Health::Starting,
        "healthy" => Health::Healthy,
        "unhealthy" => Health::Unhealthy,
        _ => Health::None,
    }
}

/// What an event says of itself by name.
struct Attributes(HashMap<String, String>);

impl Attributes {
    fn take(&mut self, name: &str) -> String {
        self.0.remove(name).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines as an engine 20.10 wrote them, with the attributes that repeat a container's labels
    /// left out.
    fn read(line: &str) -> Option<Event> {
        event(serde_json::from_str(line).unwrap())
    }

    fn of_container(action: &str, attributes: &str) -> Action {
        let id = "1de2a6eca9b6fbbbcde02eda5b987d72eeaaa56150a7431bb5cf77b115fb4bb4";
        let line = format!(
            r#"{{"status":"{action}","id":"{id}","from":"busybox:local","Type":"container",
            "Action":"{action}","Actor":{{"ID":"{id}","Attributes":{{{attributes}}}}},
            "scope":"local","time":1795369149,"timeNano":1795369149285048539}}"#
        );
        let event = read(&line).unwrap();
        assert_eq!(event.id.to_string(), id);
        assert_eq!(event.time_ns, 1_795_369_149_285_048_539);
        event.action
    }

    #[test]
    fn the_actions_of_a_container_are_understood() {
        let rename = Action::Rename {
            from: "range".to_owned(),
            to: "range2".to_owned(),
        };
        let cases = [
            ("create", r#""name":"range""#, Action::Create),
            ("rename", r#""name":"range2","oldName":"/range""#, rename),
            (
                "kill",
                r#""name":"range2","signal":"1""#,
                Action::Kill { signal: Some(1) },
            ),
            ("kill", r#""name":"range2""#, Action::Kill { signal: None }),
            (
                "die",
                r#""exitCode":"129","name":"range2""#,
                Action::Die { exit_code: 129 },
            ),
            (
                "health_status: unhealthy",
                "",
                Action::HealthStatus(Health::Unhealthy),
            ),
            (
                "health_status: healthy",
                "",
                Action::HealthStatus(Health::Healthy),
            ),
            ("health_status", "", Action::HealthStatus(Health::None)),
            ("destroy", "", Action::Destroy),
            ("checkpoint", "", Action::Other),
        ];
        for (action, attributes, expected) in cases {
            assert_eq!(of_container(action, attributes), expected);
        }
    }

    #[test]
    fn a_networks_event_is_its_containers() {
        let id = "0d6eebab517be212356d67f5491b7d90f4bce8ff5608cf6c7b1e7ff9a572facb";
        let line = format!(
            r#"{{"Type":"network","Action":"connect","Actor":{{"ID":"f0db5099",
            "Attributes":{{"container":"{id}","name":"bridge","type":"bridge"}}}},
            "scope":"local","time":1795369140,"timeNano":1795369140097823613}}"#
        );
        let event = read(&line).unwrap();
        assert_eq!(event.id.to_string(), id);
        assert_eq!(
            event.action,
            Action::NetworkConnect {
                network: "f0db5099".to_owned()
            }
        );
    }

    #[test]
    fn a_volumes_event_is_its_containers() {
        let id = "dafc9007c1848a0c8b425f9dab83c16a45cab611b73d32e65a76d8471c4a6a0f";
        let line = |action: &str| {
            format!(
                r#"{{"Type":"volume","Action":"{action}","Actor":{{"ID":"web","Attributes":
                {{"container":"{id}","destination":"/etc/web","driver":"dockeeper",
                "propagation":"","read/write":"false"}}}},
                "scope":"local","time":1795369140,"timeNano":1795369140097823613}}"#
            )
        };
        let (volume, driver) = ("web".to_owned(), "dockeeper".to_owned());
        let mounted = read(&line("mount")).unwrap();
        assert_eq!(mounted.id.to_string(), id);
        assert_eq!(mounted.action, Action::VolumeMount { volume, driver });
        let unmounted = read(&line("unmount")).unwrap();
        assert!(matches!(unmounted.action, Action::VolumeUnmount { .. }));
    }

    #[test]
    fn what_is_no_containers_event_is_left_out() {
        for line in [
            r#"{"Type":"network","Action":"create","Actor":{"ID":"d33e","Attributes":{}}}"#,
            r#"{"Type":"network","Action":"connect","Actor":{"ID":"d33e","Attributes":{}}}"#,
            r#"{"Type":"volume","Action":"create","Actor":{"ID":"web","Attributes":{}}}"#,
            r#"{"Type":"container","Action":"start"}"#,
            r#"{"Type":"image","Action":"tag","Actor":{"ID":"busybox"}}"#,
            "{}",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
