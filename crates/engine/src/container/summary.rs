use std::collections::BTreeMap;

use super::{ContainerId, State};

/// What an engine's list says of a container. Unlike the answer to an inspection it does not wait
/// for a container that is just being started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its identity.
    pub id: ContainerId,
    /// Its name, without the leading slash of the API.
    pub name: String,
    /// The image as the user wrote it, or its content address when that name means another by now.
    pub image: String,
    /// Where it is in its life. One that is being started for the first time is
    /// [`State::Created`], and later what it was before.
    pub state: State,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The volumes that it has, whatever their driver, in the engine's order.
    pub volumes: Vec<VolumeMount>,
}

/// A volume in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeMount {
    /// The volume's name.
    pub volume: String,
    /// The driver that the volume is of.
    pub driver: String,
    /// Where the container has it.
    pub destination: String,
    /// Whether the container may write to it.
    pub is_writable: bool,
}
