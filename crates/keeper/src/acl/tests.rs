use super::*;
use std::net::IpAddr;

/// What Apache's own documentation gives for `super:admin`.
const SUPER_ADMIN: &str = "super:xQJmxLMiHGwaqBvst5y6rkB6HQs=";

fn id(scheme: &str, id: &str) -> Id {
    Id {
        scheme: scheme.to_owned(),
        id: id.to_owned(),
    }
}

fn schemes() -> Schemes {
    Schemes {
        x509: true,
        super_digest: Some(SUPER_ADMIN.to_owned()),
    }
}

fn local() -> IpAddr {
    "127.0.0.1".parse().unwrap()
}

fn with_digest(credentials: &str) -> Vec<Id> {
    let credentials = Some(credentials.as_bytes());
    schemes()
        .authenticate("digest", credentials, local(), None)
        .unwrap()
}

#[test]
fn a_digest_is_apaches() {
    assert_eq!(digest("super:admin"), SUPER_ADMIN);
    assert!(digest("user").starts_with("user:"));
    let (user, hash) = digest("a:b:c")
        .split_once(':')
        .map(|(u, h)| (u.to_owned(), h.len()))
        .unwrap();
    assert_eq!((user.as_str(), hash), ("a", 28));
}

#[test]
fn credentials_become_identities() {
    assert_eq!(with_digest("bob:b"), [id("digest", &digest("bob:b"))]);
    assert_eq!(
        with_digest("super:admin"),
        [id("super", ""), id("digest", SUPER_ADMIN)]
    );
    let schemes = schemes();
    let mapped = "::ffff:10.0.0.1".parse().unwrap();
    assert_eq!(
        schemes.authenticate("ip", None, mapped, None),
        Ok(vec![id("ip", "10.0.0.1")])
    );
    assert_eq!(ip_id("::1".parse().unwrap()), id("ip", "0:0:0:0:0:0:0:1"));
    assert_eq!(
        schemes.authenticate("x509", None, local(), Some("CN=a")),
        Ok(vec![id("x509", "CN=a")])
    );
    assert_eq!(
        schemes.authenticate("x509", None, local(), None),
        Err(AuthFailed::NoCertificate)
    );
    assert_eq!(
        schemes.authenticate("digest", None, local(), None),
        Err(AuthFailed::NoCredentials("digest"))
    );
    let plain = Schemes::default();
    for scheme in ["x509", "world", "auth", "super", "sasl", ""] {
        let refused = plain.authenticate(scheme, Some(b"a:b"), local(), Some("CN=a"));
        assert_eq!(refused, Err(AuthFailed::Scheme(scheme.to_owned())));
    }
}

#[test]
fn an_entry_allows_what_it_names() {
    let bob = with_digest("bob:b");
    let acl = [
        Acl::new(perms::READ, "world", "anyone"),
        Acl::new(perms::WRITE | perms::CREATE, "digest", digest("bob:b")),
        Acl::new(perms::DELETE, "ip", "10.0.0.0/8"),
        Acl::new(perms::ADMIN, "x509", "CN=a"),
    ];
    let at = |ip: &str| vec![ip_id(ip.parse().unwrap())];
    for (ids, allowed) in [
        (vec![], perms::READ),
        (bob, perms::READ | perms::WRITE | perms::CREATE),
        (with_digest("bob:c"), perms::READ),
        (at("10.1.1.1"), perms::READ | perms::DELETE),
        (at("11.1.1.1"), perms::READ),
        (at("fd00::1"), perms::READ),
        (vec![id("x509", "CN=a")], perms::READ | perms::ADMIN),
        (vec![id("digest", "CN=a")], perms::READ),
        (with_digest("super:admin"), perms::ALL),
    ] {
        for bit in [
            perms::READ,
            perms::WRITE,
            perms::CREATE,
            perms::DELETE,
            perms::ADMIN,
        ] {
            assert_eq!(
                check(&acl, bit, &ids),
                allowed & bit != 0,
                "{bit} for {ids:?}"
            );
        }
    }
    assert!(
        check(&acl, perms::READ | perms::ADMIN, &[]),
        "one of them is enough"
    );
    assert!(
        check(&[], perms::ADMIN, &[]),
        "an empty list allows everything"
    );
    assert!(!check(
        &[Acl::new(perms::ALL, "super", "")],
        perms::READ,
        &[]
    ));
    let v6 = [Acl::new(perms::READ, "ip", "fd00::/16")];
    assert!(check(&v6, perms::READ, &at("fd00::1")));
    assert!(!check(&v6, perms::READ, &at("fe00::1")));
}

#[test]
fn auth_becomes_what_the_caller_has_proved() {
    let mut ids = vec![ip_id(local()), id("x509", "CN=a")];
    ids.extend(with_digest("super:admin"));
    let fixed = schemes().fix_up(&Acl::creator_all(), &ids).unwrap();
    assert_eq!(
        fixed,
        [
            Acl::new(perms::ALL, "x509", "CN=a"),
            Acl::new(perms::ALL, "digest", SUPER_ADMIN),
        ]
    );
    let only_address = schemes().fix_up(&Acl::creator_all(), &ids[..1]);
    assert_eq!(only_address, Err(InvalidAcl::NotAuthenticated));
    let without_x509 = Schemes::default().fix_up(&Acl::creator_all(), &ids[..2]);
    assert_eq!(without_x509, Err(InvalidAcl::NotAuthenticated));
}

#[test]
fn an_entry_stays_once() {
    let (anyone, address) = (
        Acl::new(perms::READ, "world", "anyone"),
        Acl::new(perms::READ, "ip", "10.0.0.1"),
    );
    let twice = [
        anyone.clone(),
        address.clone(),
        anyone.clone(),
        address.clone(),
    ];
    assert_eq!(schemes().fix_up(&twice, &[]), Ok(vec![anyone, address]));
    // Apache looks at the request's entries only, not at what they become.
    let bob = with_digest("bob:b");
    let own = Acl::new(perms::ALL, "digest", digest("bob:b"));
    let auth = Acl::creator_all().remove(0);
    for acl in [[own.clone(), auth.clone()], [auth, own.clone()]] {
        let fixed = schemes().fix_up(&acl, &bob);
        assert_eq!(fixed, Ok(vec![own.clone(), own.clone()]));
    }
}

#[test]
fn refuses_what_is_malformed() {
    let anyone = Acl::new(perms::ALL, "world", "anyone");
    assert_eq!(schemes().fix_up(&[], &[]), Err(InvalidAcl::Empty));
    for (scheme, name) in [
        ("world", "nobody"),
        ("digest", "bob"),
        ("digest", "bob:"),
        ("digest", "bob:b:b"),
        ("ip", "10.0.0"),
        ("ip", "10.0.0.0/33"),
        ("x509", "nobody"),
    ] {
        let acl = [anyone.clone(), Acl::new(perms::ALL, scheme, name)];
        let error = schemes().fix_up(&acl, &[]).unwrap_err();
        assert_eq!(error, InvalidAcl::Id(id(scheme, name)));
    }
    for scheme in ["", "sasl", "super", "World"] {
        let error = schemes()
            .fix_up(&[Acl::new(perms::ALL, scheme, "anyone")], &[])
            .unwrap_err();
        assert_eq!(error, InvalidAcl::Scheme(scheme.to_owned()));
    }
    let x509 = [Acl::new(perms::ALL, "x509", "CN=a")];
    assert_eq!(schemes().fix_up(&x509, &[]).as_deref(), Ok(&x509[..]));
    assert!(
        Schemes::default().fix_up(&x509, &[]).is_err(),
        "without TLS"
    );
    for name in ["bob:b", ":b", "bob:b::"] {
        let acl = [Acl::new(perms::ALL, "digest", name)];
        assert!(schemes().fix_up(&acl, &[]).is_ok(), "{name}");
    }
}

#[test]
fn digests_are_for_admins() {
    let acl = [
        Acl::new(perms::ADMIN, "digest", digest("bob:b")),
        Acl::new(perms::READ, "world", "anyone"),
        Acl::new(perms::READ, "ip", "10.0.0.1"),
    ];
    assert_eq!(visible(&acl, &with_digest("bob:b")), acl);
    assert_eq!(visible(&acl, &with_digest("super:admin")), acl);
    let masked = visible(&acl, &with_digest("bob:c"));
    assert_eq!(masked[0], Acl::new(perms::ADMIN, "digest", "bob:x"));
    assert_eq!(masked[1..], acl[1..]);
}
