//! What the fuzzers have found worth keeping (`make fuzz`): none of it does any harm.

use gumshoe_domain::Finding;
use std::path::Path;

#[test]
fn the_fuzzers_corpus_is_read_without_harm() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let (mut findings, mut others) = (0, 0);
    for target in ["parse", "receive"] {
        for kept in std::fs::read_dir(corpus.join(target)).unwrap() {
            let bytes = std::fs::read(kept.unwrap().path()).unwrap();
            for line in bytes.split(|byte| *byte == b'\n') {
                match Finding::from_text(&String::from_utf8_lossy(line)) {
                    Ok(_) => findings += 1,
                    Err(_) => others += 1,
                }
            }
        }
    }
    assert!(findings > 100 && others > 100, "{findings} findings, {others} others");
}
