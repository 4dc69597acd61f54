//! The report folder: where a record becomes files.
//!
//! A folder that is not the lab's own is never written into. [`Folder::open`] looks and touches
//! nothing, so that a wrong place is known before anything is run; [`Folder::begin`] then creates
//! the folder and proves that it can be written to. It comes last before the run, because it is the
//! first thing that leaves a trace.
//!
//! A folder is the lab's own when its `summary.json` says so, by the keys `schema` and `awaitlab`.
//! [`write_record`](crate::write_record) writes that file first, so that a folder whose writing was
//! interrupted stays recognisable.

mod own;
mod writer;

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

pub use writer::Writer;

/// A place for a report that may be written to, as far as looking tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Takes a place that is absent, empty, or a report folder already; a link to such a folder is
    /// as good. Nothing is created or changed.
    ///
    /// # Errors
    /// When the place, or one above it, is a file; when it leads up out of a folder that is not
    /// there; when the folder holds something and is not the lab's; when it cannot be looked into.
    pub fn open(path: impl Into<PathBuf>) -> Result<Folder, FolderError> {
        // Without a "." or a slash at its end, neither of which a folder can be created by.
        let path: PathBuf = path.into().components().collect();
        match fs::metadata(&path) {
            Ok(metadata) if !metadata.is_dir() => Err(FolderError::NotAFolder { path }),
            Ok(_) if own::is_ours(&path).map_err(|e| FolderError::io("look into", &path, e))? => {
                Ok(Folder { path })
            }
            Ok(_) => Err(FolderError::Foreign { path }),
            Err(error) if is_absent(&error) => absent(path),
            Err(error) => Err(FolderError::io("look at", &path, error)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Creates the folder where it is absent, takes it for this writer alone, and proves by a file
    /// that comes and goes that it can be written to.
    ///
    /// # Errors
    /// When another writer has it, in this process or in another; when anything else fails.
    pub fn begin(&self) -> Result<Writer, FolderError> {
        Writer::begin(self.path.clone())
    }
}

/// Why a place is no report folder, or what went wrong in one.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Something that is no folder is in the way.
    #[error("{path:?} is not a folder, and a report is one")]
    NotAFolder {
        /// The place asked for.
        path: PathBuf,
    },
    /// Something above it is no folder.
    #[error("{path:?} cannot be created: {above:?} is not a folder")]
    NotUnderAFolder {
        /// The place asked for.
        path: PathBuf,
        /// What is in the way.
        above: PathBuf,
    },
    /// A folder with something in it that the lab did not write.
    #[error(
        "{path:?} is not empty and not a report folder (it has no summary.json of awaitlab); \
         choose another place or empty it"
    )]
    Foreign {
        /// The place asked for.
        path: PathBuf,
    },
    /// Something within the folder stands where a file or folder of the report belongs.
    #[error("{path:?} is in the way of the report")]
    InTheWay {
        /// What is in the way.
        path: PathBuf,
    },
    /// A name that is no path within the folder, or was written already: two names of the scenario
    /// make the same file.
    #[error("the report has no place for a file {name:?}, or has it already")]
    Name {
        /// The name.
        name: String,
    },
    /// Another run is writing there.
    #[error("another run is writing into {path:?}; wait for it or choose another place")]
    Busy {
        /// The place asked for.
        path: PathBuf,
    },
    /// The operating system refused; why is its source.
    #[error("cannot {action} {path:?}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The record cannot be written at all.
    #[error(transparent)]
    Summary(#[from] crate::summary::SummaryError),
}

impl FolderError {
    fn io(action: &'static str, path: &Path, source: io::Error) -> FolderError {
        FolderError::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }
}

/// A place that is not there: all right where it can come to be, and be no other place then:
/// `new/..` is not there as long as `new` is not, and somebody else's folder as soon as it is.
fn absent(path: PathBuf) -> Result<Folder, FolderError> {
    if fs::symlink_metadata(&path).is_ok() {
        // A link to nowhere: nothing can be created in its place.
        return Err(FolderError::NotAFolder { path });
    }
    for above in path.ancestors().skip(1) {
        let above = if above.as_os_str().is_empty() {
            Path::new(".")
        } else {
            above
        };
        match fs::metadata(above) {
            Ok(metadata) if metadata.is_dir() => return Ok(Folder { path }),
            Err(error)
                if is_absent(&error)
                    && fs::symlink_metadata(above).is_err()
                    && !leads_up(&path, above) => {}
            Ok(_) | Err(_) => {
                let above = above.to_path_buf();
                return Err(FolderError::NotUnderAFolder { path, above });
            }
        }
    }
    Ok(Folder { path })
}

/// Whether the next step of a path, from a folder that it leads through, is upwards.
fn leads_up(path: &Path, through: &Path) -> bool {
    let mut below = path.components().skip(through.components().count());
    below.next() == Some(Component::ParentDir)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
