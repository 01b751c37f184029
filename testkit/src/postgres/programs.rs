//! Finding the programs of PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Names the folder to take the programs from, and no other.
const FOLDER_VARIABLE: &str = "MINQING_TEST_POSTGRES_BIN";

/// The programs that make and run a server.
const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Where distributions put versions side by side, outside of the search path: Debian and Ubuntu, and the packages of
/// the PostgreSQL project for Red Hat. The version is the part of the name after the prefix.
const VERSIONED: [(&str, &str); 2] = [("/usr/lib/postgresql", ""), ("/usr", "pgsql-")];

/// The folder of the programs: that of the highest version installed, else what `pg_config` or the search path tell.
pub fn find() -> Option<PathBuf> {
    if let Some(folder) = env::var_os(FOLDER_VARIABLE) {
        return Some(PathBuf::from(folder)).filter(|folder| complete(folder));
    }
    let versioned = VERSIONED.iter().flat_map(|(parent, prefix)| versions(Path::new(parent), prefix));
    versioned
        .max_by_key(|(version, _)| *version)
        .map(|(_, folder)| folder)
        .or_else(configured)
        .or_else(|| env::split_paths(&env::var_os("PATH")?).find(|folder| complete(folder)))
}

/// The complete installations below a folder, with their major versions.
fn versions(parent: &Path, prefix: &str) -> Vec<(u32, PathBuf)> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| complete(folder))
        .collect()
}

/// What `pg_config` says; it is installed with the development files, often without the server.
fn configured() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    Some(folder).filter(|folder| complete(folder))
}

/// Whether a folder has every program.
fn complete(folder: &Path) -> bool {
    NEEDED.iter().all(|program| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn install(parent: &Path, name: &str, programs: &[&str]) {
        let folder = parent.join(name).join("bin");
        fs::create_dir_all(&folder).unwrap();
        for program in programs {
            fs::write(folder.join(program), "").unwrap();
        }
    }

    #[test]
    fn versions_are_numbers_and_incomplete_installations_do_not_count() {
        let parent = tempfile::tempdir().unwrap();
        install(parent.path(), "9", &NEEDED);
        install(parent.path(), "15", &NEEDED);
        install(parent.path(), "17", &["pg_ctl"]);
        install(parent.path(), "common", &NEEDED);
        let highest = versions(parent.path(), "").into_iter().max();
        assert_eq!(highest, Some((15, parent.path().join("15/bin"))));
    }
}
