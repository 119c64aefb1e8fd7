//! The pictures of README: the report in Chromium, and the Slack message drawn from its Block Kit JSON.
//!
//! `make pictures` draws them. Browsers and fonts differ in their bytes, so the test compares what they are drawn from instead:
//! `docs/pictures/inputs.sha256` has the digest of each page and of the picture that was drawn from it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

#[path = "../pages/chromium.rs"]
mod chromium;
mod slack;

use gumshoe_alerts::channels;
use gumshoe_alerts::fixtures::{self, report_page};
use gumshoe_alerts::notification::Notification;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// GitHub shows README with its pictures: larger ones make the first page slow.
const PICTURE_MAX_BYTES: usize = 150 * 1024;

/// A page and the size of its window, in CSS pixels. The picture ends below the last section that the window shows whole.
struct Picture {
    file: &'static str,
    html: String,
    width: u32,
    height: u32,
}

fn pictures() -> [Picture; 2] {
    let case = fixtures::high_risk();
    let message = channels::slack::message(&Notification::Alert(Box::new(case.alert())));
    [
        Picture { file: "report.png", html: report_page(&case), width: 1_000, height: 1_000 },
        Picture { file: "slack.png", html: slack::page(&message), width: 720, height: 1_800 },
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pictures")
}

/// The lines of `inputs.sha256`: for each picture the digest of its page and size, and of the file.
fn digests() -> String {
    let mut lines = String::new();
    for picture in pictures() {
        let input = hex(format!("{} x {}\n{}", picture.width, picture.height, picture.html).as_bytes());
        let drawn =
            hex(&std::fs::read(folder().join(picture.file)).expect("the picture is there; run `make pictures`"));
        writeln!(lines, "{input}  the page of {0}\n{drawn}  {0}", picture.file).unwrap();
    }
    lines
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn draw(picture: &Picture) {
    let browser =
        chromium::find().expect("make pictures needs Chromium: install it, such as Debian's package chromium");
    let path = folder().join(picture.file);
    let arguments =
        [format!("--screenshot={}", path.display()), format!("--window-size={},{}", picture.width, picture.height)];
    let _ = std::fs::remove_file(&path);
    let output = chromium::open(&browser, &chromium::Folder::new(), false, &picture.html, &arguments);
    assert!(path.is_file(), "Chromium wrote no picture: {} {}", output.page, output.log);
    let shrink = Path::new(env!("CARGO_MANIFEST_DIR")).join("shrink.py");
    let status = Command::new("python3").arg(shrink).arg(&path).status().expect("python3 is installed");
    assert!(status.success(), "{} could not be shrunk", path.display());
}

#[test]
fn the_pictures_in_docs_are_those_of_the_fixtures() {
    let stored = folder().join("inputs.sha256");
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        pictures().iter().for_each(draw);
        std::fs::write(&stored, digests()).unwrap();
    }
    let expected = std::fs::read_to_string(&stored).expect("docs/pictures/inputs.sha256 is there; run `make pictures`");
    assert!(
        expected == digests(),
        "the report or the Slack message changed, or a picture did: run `make pictures` and check docs/pictures"
    );
    for picture in pictures() {
        let size = std::fs::read(folder().join(picture.file)).unwrap().len();
        assert!(size <= PICTURE_MAX_BYTES, "{} has {size} bytes, more than {PICTURE_MAX_BYTES}", picture.file);
    }
}
