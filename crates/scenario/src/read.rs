//! From a file to a [`Scenario`].

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::document::Node;
use crate::errors::{Invalid, ScenarioErrors, Unreadable};
use crate::format::{self, Builder, Files};
use crate::printable;
use crate::problem::Problems;
use crate::scenario::{Scenario, Source};
use crate::{check, name, overrides, text};

/// The largest file that a scenario may name, in bytes.
const LARGEST_DATA: u64 = 64 << 20;

impl Scenario {
    /// Reads a scenario file. `overrides` are keys with the values that replace the file's, as the
    /// command line has them (`--set KEY=VALUE`).
    ///
    /// # Errors
    /// When the file cannot be read, and with everything that is wrong in it.
    pub fn read(path: &Path, overrides: &[(String, String)]) -> Result<Scenario, ScenarioErrors> {
        let shown = path.to_string_lossy();
        let bytes = bytes_of(path, text::LARGEST_FILE as u64).map_err(|reason| {
            ScenarioErrors::Unreadable {
                path: shown.clone().into_owned(),
                reason,
            }
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let files = |named: &str| {
            let bytes =
                bytes_of(&folder.join(named), LARGEST_DATA).map_err(|reason| reason.to_string())?;
            if bytes.len() as u64 > LARGEST_DATA {
                return Err(format!("has more than {LARGEST_DATA} bytes"));
            }
            Ok(bytes)
        };
        parse(&shown, &bytes, overrides, &files)
    }

    /// Reads a scenario from memory: `file_name` is what messages call it, and its stem is the
    /// scenario's name. It cannot name other files.
    ///
    /// # Errors
    /// With everything that is wrong in it.
    pub fn parse(
        file_name: &str,
        bytes: &[u8],
        overrides: &[(String, String)],
    ) -> Result<Scenario, ScenarioErrors> {
        let nowhere = |_: &str| Err("cannot be read: the scenario is in no folder".to_owned());
        parse(file_name, bytes, overrides, &nowhere)
    }
}

/// At most one byte more than `most` of a file, so that whoever counts them knows.
fn bytes_of(path: &Path, most: u64) -> Result<Vec<u8>, Unreadable> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Unreadable::Absent,
        io::ErrorKind::IsADirectory => Unreadable::Folder,
        _ => Unreadable::Io(error),
    };
    // Asked before it is opened: some systems let a folder be opened, or refuse it without saying why.
    if path.is_dir() {
        return Err(Unreadable::Folder);
    }
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    Ok(bytes)
}

fn parse(
    file: &str,
    bytes: &[u8],
    overrides: &[(String, String)],
    files: Files<'_>,
) -> Result<Scenario, ScenarioErrors> {
    let mut problems = Problems::default();
    let text = text::decode(bytes, &mut problems);
    let invalid = |root: Option<&Node>, problems: Problems| {
        let root = root.and_then(Node::as_table);
        Err(ScenarioErrors::Invalid(Invalid::new(
            file, &text, root, overrides, problems,
        )))
    };
    if !problems.is_empty() {
        return invalid(None, problems);
    }
    let name = stem(file, &mut problems);
    let Some(mut document) = text::parse(&text, &mut problems) else {
        return invalid(None, problems);
    };
    overrides::apply(&mut document, overrides, &mut problems);
    // Kept as it was written: what the check cannot use it takes out of the tree.
    let written = document.clone();
    check::document(&mut document, &format::shape(), &mut problems);

    let mut builder = Builder {
        problems,
        files,
        notes: Vec::new(),
        hashes: BTreeMap::new(),
    };
    let content = document
        .as_table()
        .and_then(|root| format::build(root, &mut builder));
    let Builder {
        problems,
        notes,
        hashes,
        ..
    } = builder;
    let Some(content) = content.filter(|_| problems.is_empty()) else {
        return invalid(Some(&written), problems);
    };
    let source = Source {
        bytes: bytes.to_vec(),
        sha256: sha256(bytes),
        files: hashes,
        overrides: overrides.iter().cloned().collect(),
    };
    Ok(content.into_scenario(name, source, notes))
}

/// The file's stem, which is the scenario's name.
fn stem(file: &str, problems: &mut Problems) -> String {
    let stem = Path::new(file)
        .file_stem()
        .map_or(file.into(), |stem| stem.to_string_lossy());
    // `...toml` is a file like any other, but a folder of that name would lie outside of its own.
    let wrong = match name::check(&stem) {
        Err(error) => Some(error.to_string()),
        Ok(()) if matches!(&*stem, "." | "..") => Some("no folder can have that name".to_owned()),
        Ok(()) => None,
    };
    if let Some(wrong) = wrong {
        let stem = printable::quote(&stem);
        problems.of_file(format!(
            "the file's name {stem} names the scenario: {wrong}"
        ));
    }
    stem.into_owned()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first example of FIPS 180-2, appendix B.
    #[test]
    fn a_hash_is_written_in_hexadecimal() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), abc);
    }
}
