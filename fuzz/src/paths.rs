use dockeeper_zk_proto::path::{ancestors, is_within, join, name, parent, validate};

/// Takes a valid path apart and puts it together again.
pub fn paths(data: &[u8]) {
    let Ok(path) = std::str::from_utf8(data) else {
        return;
    };
    if validate(path).is_err() {
        return;
    }
    let Some(above) = parent(path) else {
        assert_eq!(path, "/");
        return;
    };
    assert_eq!(join(above, name(path)), path);
    for ancestor in ancestors(path) {
        assert_eq!(validate(ancestor), Ok(()), "{ancestor}");
        assert!(is_within(path, ancestor));
    }
    assert_eq!(ancestors(path).last(), Some("/"));
    assert!(!is_within(above, path));
}
