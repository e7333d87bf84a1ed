use super::*;
use crate::args::Cli;
use clap::CommandFactory;
use std::ffi::OsStr;

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/agent.md"));

#[test]
fn a_file_says_what_flags_do() {
    let file = r#"
        zk = "zk1,zk2/app"
        zk-tls = true
        zk-tls-ca = "/etc/ca.pem"
        node = "h1"
        address = "10.0.0.5"
        session-timeout = "4s"
        internal = true
        compose-name = "service"
        instance-payload = "spring"
        log-format = "json"
        timeout = "3s"
        log-level = "debug"
    "#;
    let settings: Settings = toml::from_str(file).unwrap();
    assert_eq!(settings.zk.as_deref(), Some("zk1,zk2/app"));
    assert_eq!(settings.tls().zk_tls, Some(true));
    assert_eq!(settings.tls().zk_tls_ca, Some("/etc/ca.pem".into()));
    assert_eq!(settings.compose_name, Some(ComposeNames::Service));
    let flags = Settings {
        node: Some("h2".parse().unwrap()),
        ..Settings::default()
    };
    let merged = flags.or(settings);
    assert_eq!(merged.node.unwrap().as_str(), "h2");
    assert_eq!(merged.internal, Some(true));
}

#[test]
fn what_a_file_cannot_mean_is_refused() {
    for (file, why) in [
        ("nod = 'h1'", "unknown field `nod`"),
        ("node = 'a/b'", "the character '/'"),
        ("address = 'here'", "invalid IP address"),
        ("session-timeout = 'soon'", "soon"),
        ("compose-name = 'x'", "unknown variant"),
        ("internal = 'yes'", "line 1, internal: invalid type"),
        ("node = 'h1'\ntimeout = '0s'", "line 2, timeout: "),
        ("log-level = 'x='", "line 1, log-level: "),
    ] {
        let error = Settings::parse(file).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn a_password_in_a_file_is_not_shown() {
    for file in [
        "zk-auth = me:hunter2",
        "zk-auth 'hunter2'",
        "zk-auth = ['hunter2']",
    ] {
        let error = Settings::parse(file).unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn an_unknown_table_is_named() {
    let error = Settings::parse("node = 'h1'\n[x]\ny = 1").unwrap_err();
    assert!(error.starts_with("line 2, [x]: unknown field"), "{error}");
}

#[test]
fn every_setting_is_an_option_a_variable_and_a_key_and_is_described() {
    let cli = Cli::command();
    let agent = cli.find_subcommand("agent").unwrap();
    let options = cli.get_arguments().chain(agent.get_arguments());
    for name in options.filter_map(|option| option.get_long()) {
        if ["help", "version"].contains(&name) {
            continue;
        }
        let mut options = cli.get_arguments().chain(agent.get_arguments());
        let option = options.find(|option| option.get_long() == Some(name));
        let variable = format!("DOCKEEPER_{}", name.to_uppercase().replace('-', "_"));
        assert_eq!(option.unwrap().get_env(), Some(OsStr::new(&variable)));
        if name == "config" {
            assert!(PAGE.contains(&variable));
            continue;
        }
        // No setting is a list: it is the value that is refused, and not the key.
        let why = Settings::parse(&format!("{name} = []")).unwrap_err();
        assert!(!why.contains("unknown field"), "{why}");
        assert!(PAGE.contains(&format!("\n| `{name}` |")), "{name}");
    }
}

#[test]
fn the_file_that_is_shown_can_be_used() {
    let (_, file) = PAGE.split_once("```toml\n").unwrap();
    let (file, _) = file.split_once("```").unwrap();
    let settings = Settings::parse(file).unwrap();
    assert_eq!(settings.explicit, Some(true));
}
