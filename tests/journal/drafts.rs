//! Half-typed forms of lost sessions.

use std::fs;
use std::path::{Path, PathBuf};

use keydesk::journal::Drafts;

use crate::support::journals::at;

const DAY: i64 = 86_400;

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// What a session leaves that ends without a word: the file, and nobody who holds it.
async fn lost(folder: &Path, operator: &str, form: &[u8], seconds: i64) {
    let drafts = Drafts::open(folder).await.unwrap();
    drafts.save(operator, form.to_vec(), at(seconds)).await.unwrap();
    drop(drafts);
    // Its thread lets go of the file in its own time.
    for path in files(folder) {
        fs::File::open(path).unwrap().lock().unwrap();
    }
}

#[tokio::test]
async fn a_form_is_offered_once_to_its_operator() {
    let folder = tempfile::tempdir().unwrap();
    let form = b"{\"name\":\"Jane\\n\xff\"}\n\n".to_vec();
    lost(folder.path(), "ana", &form, 0).await;
    let drafts = Drafts::open(folder.path()).await.unwrap();
    assert_eq!(drafts.recover("eva", at(10)).await.unwrap(), None);
    assert_eq!(drafts.recover("ana", at(10)).await.unwrap(), Some(form));
    assert_eq!(drafts.recover("ana", at(10)).await.unwrap(), None);
    assert_eq!(files(folder.path()), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn the_last_save_counts_and_a_cleared_form_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let drafts = Drafts::open(folder.path()).await.unwrap();
    for text in ["J", "Ja", "Jan"] {
        drafts.save("ana", text.into(), at(0)).await.unwrap();
    }
    assert_eq!(files(folder.path()).len(), 1);
    drafts.clear().await.unwrap();
    drafts.clear().await.unwrap();
    assert_eq!(files(folder.path()), Vec::<PathBuf>::new());
    drafts.save("ana", "Eva".into(), at(0)).await.unwrap();
    let text = fs::read_to_string(&files(folder.path())[0]).unwrap();
    assert!(text.ends_with("\nEva"), "{text}");
}

#[tokio::test]
async fn a_form_that_is_being_typed_is_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let typing = Drafts::open(folder.path()).await.unwrap();
    typing.save("ana", "half".into(), at(0)).await.unwrap();
    typing.save("ana", "half-typed".into(), at(1)).await.unwrap();
    let second = Drafts::open(folder.path()).await.unwrap();
    assert_eq!(second.recover("ana", at(2)).await.unwrap(), None);
    assert_eq!(typing.recover("ana", at(2)).await.unwrap(), None);
    assert_eq!(files(folder.path()).len(), 1);
}

#[tokio::test]
async fn the_newest_comes_first_and_after_a_day_it_is_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    lost(folder.path(), "ana", b"old", 0).await;
    lost(folder.path(), "eva", b"old too", 0).await;
    lost(folder.path(), "ana", b"new", DAY).await;
    lost(folder.path(), "ana", b"newer", DAY + 1).await;
    let drafts = Drafts::open(folder.path()).await.unwrap();
    assert_eq!(drafts.recover("ana", at(DAY + 2)).await.unwrap(), Some(b"newer".to_vec()));
    assert_eq!(files(folder.path()).len(), 1, "the old ones are gone, whoever's they were");
    assert_eq!(drafts.recover("ana", at(DAY + 2)).await.unwrap(), Some(b"new".to_vec()));
}

#[tokio::test]
async fn what_can_t_be_read_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a.draft", "{\"operator\":\"ana\""),
        ("b.draft", "no head\nJane"),
        ("c.next", "{\"operator\":\"ana\",\"at\":\"2026-09-21T14:13:20Z\"}\nJane"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let drafts = Drafts::open(folder.path()).await.unwrap();
    assert_eq!(drafts.recover("ana", at(0)).await.unwrap(), None);
    assert_eq!(files(folder.path()), Vec::<PathBuf>::new());
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_a_form() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("drafts");
    let drafts = Drafts::open(&place).await.unwrap();
    drafts.save("ana", "Jane".into(), at(0)).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&place), mode(&files(&place)[0])), (0o700, 0o600));
}
