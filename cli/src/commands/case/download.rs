//! The download of a case's evidence.

use crate::context::Context;
use crate::error::CliError;
use aws_sdk_s3::Client;
use gumshoe_aws::evidence::{EvidenceBucket, case_prefix};
use gumshoe_domain::text::one_line;
use serde::Serialize;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What was downloaded.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Downloaded {
    pub(crate) folder: PathBuf,
    /// The files, relative to the folder.
    pub(crate) files: Vec<PathBuf>,
}

/// The evidence bucket of the stack.
///
/// # Errors
///
/// As of [`Context::stack`].
async fn evidence_bucket(context: &Context) -> Result<EvidenceBucket, CliError> {
    let name = context.stack().await?.output("EvidenceBucketName")?;
    let config = context.config().await?;
    let region = config.region().map(ToString::to_string).unwrap_or_default();
    Ok(EvidenceBucket::new(Client::new(config), name.to_owned(), region))
}

/// Downloads all that is stored for the case into the folder. Nothing is downloaded if a file exists and `force` is not set.
pub(super) async fn download(
    context: &Context,
    case_id: &str,
    folder: &Path,
    force: bool,
) -> Result<Downloaded, CliError> {
    let bucket = evidence_bucket(context).await?;
    let prefix = case_prefix(case_id);
    let objects = {
        let _progress = context.output.progress("Listing the evidence");
        bucket.list(&prefix).await?
    };
    let mut files = Vec::new();
    for object in &objects {
        files.push(relative_path(&prefix, &object.key)?);
    }
    if let Some(existing) = files.iter().find(|file| !force && folder.join(file).exists()) {
        let path = folder.join(existing);
        return Err(CliError::Usage(format!("{} exists; choose another folder, or use --force", path.display())));
    }
    for (index, (object, file)) in objects.iter().zip(&files).enumerate() {
        let _progress = context.output.progress(format!("Downloading file {} of {}", index + 1, objects.len()));
        let body = bucket.fetch(&object.key).await?.ok_or_else(|| {
            CliError::Failed(format!("{} was deleted in the meantime; run the command again", object.key))
        })?;
        write_file(&folder.join(file), &body, force)?;
    }
    Ok(Downloaded { folder: folder.to_owned(), files })
}

/// The path of an object below the folder.
fn relative_path(prefix: &str, key: &str) -> Result<PathBuf, CliError> {
    let is_name = |part: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !part.is_empty() && part.bytes().all(allowed) && !part.starts_with('.')
    };
    let relative = key.strip_prefix(prefix).filter(|rest| rest.split('/').all(is_name));
    relative.map(|rest| rest.split('/').collect()).ok_or_else(|| {
        CliError::Failed(format!(
            "the evidence bucket has an object that Gumshoe did not write, {}; check who wrote it. Nothing was downloaded",
            one_line(key, 300)
        ))
    })
}

/// Writes a file and creates its folders.
///
/// # Errors
///
/// The file exists and `force` is not set, or it cannot be written.
pub(crate) fn write_file(path: &Path, body: &[u8], force: bool) -> Result<(), CliError> {
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            CliError::Usage(format!("{} exists; name another file or folder, or use --force", path.display()))
        }
        _ => CliError::Failed(format!("could not write {}: {error}", path.display())),
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).truncate(force).create(force).create_new(!force);
    options.open(path).and_then(|mut file| file.write_all(body)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stay_below_the_folder() {
        let path = |key: &str| relative_path("cases/c-1/", key);
        let expected: PathBuf = ["findings", "f1", "20260115T124000000Z-3.json"].iter().collect();
        assert_eq!(path("cases/c-1/findings/f1/20260115T124000000Z-3.json").unwrap(), expected);
        for key in [
            "cases/c-1/",
            "cases/c-1/../c-2/report-1.html",
            "cases/c-1/findings/../../x",
            "cases/c-1//etc/passwd",
            "cases/c-1/.bashrc",
            "cases/c-1/a\\..\\b",
            "cases/c-1/C:x",
            "cases/c-2/report-1.html",
            "/etc/passwd",
        ] {
            assert!(path(key).is_err(), "{key}");
        }
    }

    #[test]
    fn existing_files_are_overwritten_only_on_request() {
        let folder = std::env::temp_dir().join(format!("gumshoe-download-{}", std::process::id()));
        let file = folder.join("findings").join("f.json");
        write_file(&file, b"first", false).unwrap();
        let error = write_file(&file, b"second", false).unwrap_err();
        assert!(matches!(&error, CliError::Usage(text) if text.contains("--force")), "{error}");
        assert_eq!(fs::read(&file).unwrap(), b"first");
        write_file(&file, b"2", true).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"2", "no rest of the longer file");
        fs::remove_dir_all(&folder).unwrap();
    }
}
