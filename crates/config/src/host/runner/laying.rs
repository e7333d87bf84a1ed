//! Lays rendered files down in a mount.

use crate::{
    host::volume::{Error, File, Mount, Notes, Staged},
    render::Rendered,
};

/// Lays a release down beside the current one.
pub(super) fn stage(mount: &mut Mount, release: u64, rendered: &Rendered) -> Result<Staged, Error> {
    let files = rendered.files.iter().map(|(path, file)| {
        let file = File {
            mode: file.mode,
            uid: file.uid,
            gid: file.gid,
            content: &file.content,
        };
        (path, file)
    });
    mount.stage(release, rendered.digest, files)
}

/// Lays down what a container is started with, so that it need not be told of it.
pub(super) fn lay_down(
    mount: &mut Mount,
    release: u64,
    rendered: &Rendered,
    now_ms: i64,
) -> Result<(), Error> {
    let staged = stage(mount, release, rendered)?;
    mount.swap(staged, now_ms)?;
    let notes = Notes {
        told: Some(rendered.digest),
        ..mount.notes().clone()
    };
    mount.note(notes)
}
