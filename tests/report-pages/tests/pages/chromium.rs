//! Runs a headless Chromium for one page, for one minute at most.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// Headless, without background requests, updates or a stored profile.
const HEADLESS_ARGUMENTS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--virtual-time-budget=10000",
];
const PAGE_TIMEOUT: Duration = Duration::from_secs(60);

/// The path of Chromium on this machine; `None` if it is not installed.
pub(crate) fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name))).find(|it| it.is_file())
}

/// A temporary folder. Dropping it removes the folder.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("gumshoe-report-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The browser's output: the final DOM (with `--dump-dom`, otherwise empty), and its log.
pub(crate) struct BrowserOutput {
    pub(crate) page: String,
    pub(crate) log: String,
}

/// Opens a page of HTML with further arguments of Chromium.
pub(crate) fn open(browser: &Path, folder: &Folder, dark: bool, html: &str, arguments: &[String]) -> BrowserOutput {
    let page = folder.0.join("page.html");
    std::fs::write(&page, html).unwrap();
    let log = folder.0.join("log");
    let mut child = Command::new(browser)
        .args(HEADLESS_ARGUMENTS)
        .arg(format!("--user-data-dir={}", folder.0.join("profile").display()))
        .arg(format!("--blink-settings=preferredColorScheme={}", if dark { 0 } else { 1 }))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stdout.read_to_end(&mut text);
        let _ = sender.send(text);
    });
    let text = receiver.recv_timeout(PAGE_TIMEOUT);
    if text.is_err() {
        child.kill().unwrap();
    }
    child.wait().unwrap();
    let log = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
    let Ok(text) = text else { panic!("the browser ran for more than {PAGE_TIMEOUT:?}: {log}") };
    BrowserOutput { page: String::from_utf8(text).unwrap(), log }
}
