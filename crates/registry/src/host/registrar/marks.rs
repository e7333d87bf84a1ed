use dockeeper_model::{
    decode,
    maintenance::{Maintenance, Subject},
};
use dockeeper_recipes::tree::Node;
use std::collections::BTreeMap;

/// What is out of service. A mark that cannot be read counts all the same: somebody meant it.
pub(super) fn read(nodes: &BTreeMap<String, Node>) -> BTreeMap<Subject, Maintenance> {
    let marks = nodes.iter().filter_map(|(path, node)| {
        let subject = Subject::from_path(path)?;
        let maintenance = decode(&node.data).unwrap_or_else(|_| Maintenance {
            reason: "its znode has foreign content".to_owned(),
            ..Maintenance::default()
        });
        Some((subject, maintenance))
    });
    marks.collect()
}
