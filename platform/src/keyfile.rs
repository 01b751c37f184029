//! Secret keys in files of the data directory, made on the first start.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::TryRngCore;

use crate::config::Secret;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// It does not hold a key.
    #[error("{path}: is not 32 bytes in hexadecimal or base64", path = .0.display())]
    Form(PathBuf),
    /// Others than its owner may read it.
    #[error("{path}: others can read it; run chmod 600 on it", path = .0.display())]
    Exposed(PathBuf),
}

/// The key of a file, made of fresh randomness when the file is not there. Of several processes that make it at once one
/// wins, and all get the winner's key: the finished file is linked to its name, which fails when the name is taken.
pub(crate) fn read_or_create(path: &Path) -> Result<Secret<[u8; 32]>, Error> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    if !path.try_exists().map_err(io)? {
        let mut key = [0; 32];
        rand::rngs::OsRng.try_fill_bytes(&mut key).map_err(|fault| io(io::Error::other(fault)))?;
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let draft = write_draft(path, format!("{hex}\n").as_bytes()).map_err(io)?;
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft).map_err(io)?;
        match linked {
            Err(fault) if fault.kind() != io::ErrorKind::AlreadyExists => return Err(io(fault)),
            Ok(()) | Err(_) => {}
        }
    }
    check_mode(path)?;
    let text = fs::read_to_string(path).map_err(io)?;
    decode(text.trim()).map(Secret::new).ok_or_else(|| Error::Form(path.to_owned()))
}

/// Puts a file that is no secret in its place as a whole: a reader sees the old one or the new one.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    if fs::read(path).is_ok_and(|present| present == content) {
        return Ok(());
    }
    let draft = write_draft(path, content).map_err(io)?;
    fs::rename(&draft, path).map_err(io)
}

/// 32 bytes in hexadecimal or in base64, with or without padding.
pub(crate) fn decode(text: &str) -> Option<[u8; 32]> {
    let bytes = if text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        let digit = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        (0..64).step_by(2).map(digit).collect::<Option<Vec<u8>>>()?
    } else {
        STANDARD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text)).ok()?
    };
    bytes.try_into().ok()
}

/// Writes a file beside its later place, readable by its owner alone.
fn write_draft(path: &Path, content: &[u8]) -> io::Result<PathBuf> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{:016x}", rand::random::<u64>()));
    let draft = path.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    Ok(draft)
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let found = fs::metadata(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    if found.permissions().mode() & 0o077 == 0 { Ok(()) } else { Err(Error::Exposed(path.to_owned())) }
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), Error> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_who_makes_the_same_key_file_at_once_gets_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.key");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..16).map(|_| scope.spawn(|| read_or_create(&path).unwrap())).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| key.expose() == keys[0].expose()));
        assert_ne!(keys[0].expose(), &[0; 32]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft stays behind");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.key");
        read_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read_or_create(&path), Err(Error::Exposed(_))));
    }

    #[test]
    fn a_key_is_read_from_hexadecimal_and_from_base64_and_from_nothing_else() {
        let key = [0xab; 32];
        assert_eq!(decode(&"ab".repeat(32)), Some(key));
        assert_eq!(decode(&STANDARD.encode(key)), Some(key));
        assert_eq!(decode(&URL_SAFE_NO_PAD.encode(key)), Some(key));
        assert_eq!(decode(&"ab".repeat(31)), None);
        assert_eq!(decode(&"+b".repeat(32)), None, "a sign is no digit");
        assert_eq!(decode(&"é".repeat(32)), None);
        assert_eq!(decode(""), None);
    }

    #[test]
    fn a_damaged_key_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = write_draft(&folder.path().join("some.key"), b"abc").unwrap();
        assert!(matches!(read_or_create(&path), Err(Error::Form(_))));
        assert_eq!(fs::read(&path).unwrap(), b"abc");
    }
}
