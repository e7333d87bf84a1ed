//! Secrets as they are stored: encrypted with age.
//!
//! What is encrypted begins with a line that has the secret's name and version, so that what was
//! encrypted as one secret is not taken for another one, or for another version, by who can write
//! to ZooKeeper but decrypt nothing.

use super::{Error, Identity, RECIPIENTS_MAX, Recipients, SECRET_LEN_MAX, Secret};
use base64::{Engine, engine::general_purpose::STANDARD};
use dockeeper_model::config::{SecretName, SecretRecord};
use std::{
    io::{Read, Write},
    iter,
};
use zeroize::Zeroizing;

/// Encrypts a secret for all recipients.
///
/// # Errors
///
/// [`Error::NoRecipients`], [`Error::TooManyRecipients`], [`Error::Encrypt`].
pub fn seal(
    name: &SecretName,
    version: u64,
    secret: &Secret,
    recipients: &Recipients,
    by: &str,
    created_ms: i64,
) -> Result<SecretRecord, Error> {
    match recipients.len() {
        0 => return Err(Error::NoRecipients),
        count if count > RECIPIENTS_MAX => return Err(Error::TooManyRecipients(count)),
        _ => {}
    }
    let fail = |why: String| Error::Encrypt {
        name: name.clone(),
        why,
    };
    let keys = recipients.values().map(|recipient| recipient.as_age() as _);
    let encryptor = age::Encryptor::with_recipients(keys).map_err(|why| fail(why.to_string()))?;
    let write = || {
        let mut writer = encryptor.wrap_output(Vec::new())?;
        writer.write_all(header(name, version).as_bytes())?;
        writer.write_all(secret.bytes())?;
        writer.finish()
    };
    let encrypted = write().map_err(|why| fail(why.to_string()))?;
    let recipients = recipients.iter();
    Ok(SecretRecord {
        version,
        encrypted: STANDARD.encode(encrypted),
        recipients: recipients
            .map(|(node, recipient)| (node.clone(), recipient.to_string()))
            .collect(),
        by: by.to_owned(),
        created_ms,
    })
}

/// Decrypts a secret.
///
/// # Errors
///
/// [`Error::NotForThis`], [`Error::Damaged`].
pub fn open(
    name: &SecretName,
    record: &SecretRecord,
    identity: &Identity,
) -> Result<Secret, Error> {
    let damaged = |why: String| Error::Damaged {
        name: name.clone(),
        why,
    };
    let encrypted = STANDARD
        .decode(&record.encrypted)
        .map_err(|why| damaged(format!("it is not Base64: {why}")))?;
    let decryptor =
        age::Decryptor::new_buffered(&encrypted[..]).map_err(|why| damaged(why.to_string()))?;
    let mut reader = decryptor
        .decrypt(iter::once(identity.as_age() as _))
        .map_err(|why| match why {
            age::DecryptError::NoMatchingKeys => Error::NotForThis(name.clone()),
            why => damaged(why.to_string()),
        })?;
    let header = header(name, record.version);
    let len_max = header.len() + SECRET_LEN_MAX;
    // Made as long as it can get at once: where it grew, copies would stay in memory.
    let mut plain = Zeroizing::new(Vec::with_capacity(len_max + 1));
    let mut limited = reader.by_ref().take(len_max as u64 + 1);
    limited
        .read_to_end(&mut plain)
        .map_err(|why| damaged(why.to_string()))?;
    let secret = plain.strip_prefix(header.as_bytes()).ok_or_else(|| {
        damaged("it was encrypted as another secret, or as another version".to_owned())
    })?;
    Secret::new(secret.to_vec())
}

/// Encrypts a secret anew for changed recipients; `None` when it is encrypted for just these.
///
/// # Errors
///
/// As of [`open`] and [`seal`].
pub fn seal_again(
    name: &SecretName,
    record: &SecretRecord,
    identity: &Identity,
    recipients: &Recipients,
) -> Result<Option<SecretRecord>, Error> {
    let wanted = recipients
        .iter()
        .map(|(node, recipient)| (node, recipient.to_string()));
    let present = record.recipients.iter();
    if wanted.eq(present.map(|(node, recipient)| (node, recipient.clone()))) {
        return Ok(None);
    }
    let secret = open(name, record, identity)?;
    let (by, created_ms) = (&record.by, record.created_ms);
    seal(name, record.version, &secret, recipients, by, created_ms).map(Some)
}

fn header(name: &SecretName, version: u64) -> String {
    format!("dockeeper secret {name} {version}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> SecretName {
        text.parse().unwrap()
    }

    /// So many hosts, their names `h0`, `h1` and so on.
    fn hosts(count: usize) -> (Vec<Identity>, Recipients) {
        let identities: Vec<_> = iter::repeat_with(Identity::generate).take(count).collect();
        let recipients = identities.iter().enumerate().map(|(number, identity)| {
            let node = format!("h{number}").parse().unwrap();
            (node, identity.recipient())
        });
        let recipients = recipients.collect();
        (identities, recipients)
    }

    fn sealed(secret: &[u8], recipients: &Recipients) -> SecretRecord {
        let secret = Secret::new(secret.to_vec()).unwrap();
        seal(&name("db"), 3, &secret, recipients, "ann@ws", 5).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn every_recipient_and_nobody_else_reads_it(secret: Vec<u8>, count in 1..5_usize) {
            let (identities, recipients) = hosts(count);
            let record = sealed(&secret, &recipients);
            for identity in &identities {
                let read = open(&name("db"), &record, identity).unwrap();
                prop_assert_eq!(read.bytes(), &secret[..]);
            }
            let stranger = open(&name("db"), &record, &Identity::generate());
            prop_assert!(matches!(stranger, Err(Error::NotForThis(_))));
        }

        #[test]
        fn a_changed_byte_is_noticed(at: prop::sample::Index, bit in 0..8_u32) {
            let (identities, recipients) = hosts(1);
            let mut record = sealed(b"hunter2", &recipients);
            let mut bytes = STANDARD.decode(&record.encrypted).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            record.encrypted = STANDARD.encode(bytes);
            prop_assert!(open(&name("db"), &record, &identities[0]).is_err());
        }
    }

    #[test]
    fn one_secret_is_not_taken_for_another() {
        let (identities, recipients) = hosts(1);
        let record = sealed(b"hunter2", &recipients);
        let other = open(&name("db2"), &record, &identities[0]);
        assert!(matches!(other, Err(Error::Damaged { .. })), "{other:?}");
        let older = SecretRecord {
            version: 4,
            ..record
        };
        assert!(open(&name("db"), &older, &identities[0]).is_err());
    }

    #[test]
    fn hosts_come_and_go() {
        let (identities, both) = hosts(2);
        let mut first = both.clone();
        let last = first.pop_last().unwrap();
        let record = sealed(b"hunter2", &first);
        let same = seal_again(&name("db"), &record, &identities[0], &first);
        assert_eq!(same.unwrap(), None);
        let unread = seal_again(&name("db"), &record, &identities[1], &both);
        assert!(matches!(unread, Err(Error::NotForThis(_))), "{unread:?}");
        let again = seal_again(&name("db"), &record, &identities[0], &both);
        let again = again.unwrap().unwrap();
        assert_eq!((again.version, again.by.as_str()), (3, "ann@ws"));
        let read = open(&name("db"), &again, &identities[1]).unwrap();
        assert_eq!(read.bytes(), b"hunter2");
        let second = Recipients::from([last]);
        let left = seal_again(&name("db"), &again, &identities[0], &second);
        let left = left.unwrap().unwrap();
        assert!(open(&name("db"), &left, &identities[0]).is_err());
        assert!(open(&name("db"), &left, &identities[1]).is_ok());
    }

    #[test]
    fn the_longest_secret_fits_and_nobody_is_no_recipient() {
        let (identities, recipients) = hosts(1);
        let secret = vec![7; SECRET_LEN_MAX];
        let record = sealed(&secret, &recipients);
        let read = open(&name("db"), &record, &identities[0]).unwrap();
        assert_eq!(read.bytes(), secret);
        let nobody = seal(&name("db"), 1, &read, &Recipients::new(), "", 0);
        assert!(matches!(nobody, Err(Error::NoRecipients)));
    }
}
