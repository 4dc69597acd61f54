//! Writing into a report folder.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};

use super::{FolderError, own};

/// A report folder that is being written.
///
/// Every file is written under a temporary name beside its own, flushed to the disk, and only then
/// renamed: a file under its own name is whole. [`Writer::finish`] removes what an earlier run left
/// and this one did not write. A writer that is dropped without a file leaves no folder behind
/// that it created.
#[derive(Debug)]
pub struct Writer {
    folder: PathBuf,
    written: BTreeSet<PathBuf>,
    /// Folders this writer created, outermost first.
    created: Vec<PathBuf>,
    /// The folder itself, open and locked: two runs into one place would leave a mixture of their
    /// files. `None` where the system cannot lock a folder.
    _lock: Option<File>,
}

impl Writer {
    pub(super) fn begin(folder: PathBuf) -> Result<Writer, FolderError> {
        let missing = folder.ancestors().take_while(|place| {
            !place.as_os_str().is_empty() && fs::symlink_metadata(place).is_err()
        });
        let mut created: Vec<PathBuf> = missing.map(Path::to_path_buf).collect();
        created.reverse();
        // From here on, dropping the writer removes what was created.
        let mut writer = Writer {
            folder,
            written: BTreeSet::new(),
            created,
            _lock: None,
        };
        fs::create_dir_all(&writer.folder)
            .map_err(|e| FolderError::io("create", &writer.folder, e))?;
        match lock(&writer.folder) {
            Ok(lock) => writer._lock = lock,
            Err(busy) => {
                // Whoever has the folder may have created it a moment before we meant to.
                writer.created.clear();
                return Err(busy);
            }
        }
        let folder = &writer.folder;
        let probe = temporary(&folder.join("probe"));
        write_new(&probe, &mut |file| file.write_all(b"awaitlab\n"))?;
        fs::remove_file(&probe).map_err(|e| FolderError::io("remove", &probe, e))?;
        Ok(writer)
    }

    /// Where the report is written.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Writes a file of the report, `charts/settle.svg`.
    ///
    /// # Errors
    /// When the name leads out of the folder or was written already, when something is in the way,
    /// and when writing fails, a full disk included; the file is then as it was before.
    pub fn file(&mut self, name: &str, bytes: impl AsRef<[u8]>) -> Result<(), FolderError> {
        self.stream(name, |file| file.write_all(bytes.as_ref()))
    }

    /// Writes a file piece by piece.
    ///
    /// # Errors
    /// Those of [`Writer::file`], and what `write` returns.
    pub fn stream(
        &mut self,
        name: &str,
        mut write: impl FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), FolderError> {
        let relative = self.vacant(name)?;
        let path = self.folder.join(&relative);
        if fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
            return Err(FolderError::InTheWay { path });
        }
        let parent = path.parent().unwrap_or(&self.folder);
        if parent != self.folder {
            make_folder(parent)?;
        }
        let temporary = temporary(&path);
        let result = write_new(&temporary, &mut write).and_then(|()| {
            fs::rename(&temporary, &path).map_err(|e| FolderError::io("write", &path, e))
        });
        if result.is_err() {
            // The error that led here is the one to tell.
            let _ = fs::remove_file(&temporary);
        }
        result?;
        self.written.insert(relative);
        Ok(())
    }

    /// Removes the files of the lab's own that this writer did not write, and the folders that are
    /// empty without them. What the lab would not have written stays.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn finish(self) -> Result<(), FolderError> {
        for (name, is_folder) in entries(&self.folder)? {
            let path = self.folder.join(&name);
            if is_folder {
                self.remove_stale_below(Path::new(&name), &path)?;
            } else if own::is_top_file(&name) && !self.written.contains(Path::new(&name)) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn remove_stale_below(&self, folder: &Path, path: &Path) -> Result<(), FolderError> {
        let (mut removed, mut left) = (0, 0);
        for (name, is_folder) in entries(path)? {
            let ours = !is_folder && own::is_sub_file(folder.as_os_str(), &name);
            if ours && !self.written.contains(&folder.join(&name)) {
                remove(&path.join(&name))?;
                removed += 1;
            } else {
                left += 1;
            }
        }
        if removed > 0 && left == 0 {
            fs::remove_dir(path).map_err(|e| FolderError::io("remove", path, e))?;
        }
        Ok(())
    }

    /// The path of a name within the folder that has not been written yet.
    fn vacant(&self, name: &str) -> Result<PathBuf, FolderError> {
        let path = Path::new(name);
        let within = path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if name.is_empty() || !within || self.written.contains(path) {
            return Err(FolderError::Name {
                name: name.to_owned(),
            });
        }
        Ok(path.to_path_buf())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.written.is_empty() {
            // Only folders that are empty can be removed; what is in one that is not, is not ours.
            for folder in self.created.iter().rev() {
                let _ = fs::remove_dir(folder);
            }
        }
    }
}

/// A lock on a folder that ends with the file that is returned, and with the process.
fn lock(folder: &Path) -> Result<Option<File>, FolderError> {
    // Some systems open no folder as a file, some file systems lock nothing: then nobody is kept
    // out, as nobody was before.
    let Ok(file) = File::open(folder) else {
        return Ok(None);
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(FolderError::Busy {
            path: folder.to_path_buf(),
        }),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Names in a folder, and whether each is a folder itself (a link to one is not), in order of name.
fn entries(folder: &Path) -> Result<Vec<(OsString, bool)>, FolderError> {
    let read = || -> io::Result<Vec<_>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            names.push((entry.file_name(), entry.file_type()?.is_dir()));
        }
        names.sort();
        Ok(names)
    };
    read().map_err(|e| FolderError::io("look into", folder, e))
}

/// Creates a folder within the report, where it is absent. A link in its place would lead out of
/// the report.
fn make_folder(path: &Path) -> Result<(), FolderError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(FolderError::InTheWay {
            path: path.to_path_buf(),
        }),
        Err(_) => fs::create_dir_all(path).map_err(|e| FolderError::io("create", path, e)),
    }
}

/// Writes a file that must not exist, and sees it onto the disk: a `BufWriter` that is dropped
/// swallows a full disk, and some file systems tell only at the end.
fn write_new(
    path: &Path,
    write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> Result<(), FolderError> {
    // What an interrupted run may have left.
    let _ = fs::remove_file(path);
    File::create_new(path)
        .and_then(|file| {
            let mut file = BufWriter::new(file);
            write(&mut file)?;
            file.flush()?;
            file.get_ref().sync_all()
        })
        .map_err(|e| FolderError::io("write", path, e))
}

fn remove(path: &Path) -> Result<(), FolderError> {
    fs::remove_file(path).map_err(|e| FolderError::io("remove", path, e))
}

/// `charts/settle.svg` is `charts/.settle.svg.awaitlab-tmp` while it is written.
fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{}", own::TEMPORARY))
}
