//! The inputs that `make fuzz` has collected do not cause a panic.

use gumshoe_domain::Finding;
use std::path::Path;
use std::process::Command;

#[test]
fn the_fuzz_corpus_causes_no_panic() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let unpacked = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (mut findings, mut others) = (0, 0);
    for target in ["parse", "receive"] {
        let archive = kept.join(target).with_extension("tar.gz");
        let tar = Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(unpacked).status().unwrap();
        assert!(tar.success());
        for input in std::fs::read_dir(unpacked.join(target)).unwrap() {
            let bytes = std::fs::read(input.unwrap().path()).unwrap();
            for line in bytes.split(|byte| *byte == b'\n') {
                match Finding::from_text(&String::from_utf8_lossy(line)) {
                    Ok(_) => findings += 1,
                    Err(_) => others += 1,
                }
            }
        }
    }
    assert!(findings > 1000 && others > 1000, "{findings} findings, {others} others");
}
