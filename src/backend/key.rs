//! Looks after the key: says when the server does not accept it, and reads it again until it is mended.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::lanes::Lanes;
use crate::component::backend_msg::BackendMsg;
use crate::engine::server_health::{KeyState, ServerHealth};
use crate::seam::client::Client;
use crate::seam::error::ErrorKind;
use crate::seam::key::{KeyPlace, KeyRefusal, KeyTrouble};
use crate::words::key as words;

/// How often a key that is refused is tried again.
const AGAIN: Duration = Duration::from_secs(30);

/// A key as it stands in the configuration now, with the workspace that a personal access token speaks for.
pub type KeyRead = Result<(SecretString, Option<String>), String>;

/// What looking after the key needs.
pub struct KeyOptions {
    /// The client whose key it is.
    pub client: Client,
    /// How the server is: told what becomes known of the key.
    pub health: Arc<ServerHealth>,
    /// The way to the program.
    pub lanes: Lanes<BackendMsg>,
    /// Where the key comes from.
    pub place: KeyPlace,
    /// Reads it again; gives why it can't be read, in plain words. May wait for a disk.
    pub read: Arc<dyn Fn() -> KeyRead + Send + Sync>,
}

/// What one look at the key gave.
enum Verdict {
    Accepted,
    Refused(KeyRefusal),
    /// The server gave no answer that tells.
    NotKnown,
}

/// Waits until a call is refused or a person asks (`again`), then reads the key again and tries it with a call that
/// every key may make. A 401 or 403 of another call alone does not tell: it may be about the rights to that call.
/// Tells and logs only what changes. Ends with the program.
pub async fn watch_key(options: KeyOptions, mut again: mpsc::UnboundedReceiver<()>) {
    let mut key = options.health.key();
    let mut told: Option<KeyRefusal> = None;
    loop {
        let doubted = async {
            if told.is_some() {
                sleep(AGAIN).await;
            } else {
                // The sender lives as long as the health that is held here.
                let _ = key.wait_for(|key| *key != KeyState::Accepted).await;
            }
        };
        let is_asked = tokio::select! {
            () = doubted => false,
            asked = again.recv() => match asked {
                Some(()) => true,
                None => return,
            },
        };
        match look(&options, is_asked).await {
            Verdict::Accepted => {
                options.health.note_key(true);
                if told.take().is_some() {
                    tracing::info!("the key is accepted again");
                    options.lanes.jobs.send(BackendMsg::Key(None));
                }
            }
            Verdict::Refused(why) => {
                options.health.note_key(false);
                if told.as_ref() != Some(&why) {
                    tracing::warn!(?why, "the key does not work");
                    let trouble = KeyTrouble { why: why.clone(), place: options.place.clone() };
                    options.lanes.jobs.send(BackendMsg::Key(Some(trouble)));
                    told = Some(why);
                }
            }
            // An outage is told by others; who reads finds out after it.
            Verdict::NotKnown if told.is_none() => options.health.note_key(true),
            Verdict::NotKnown => {}
        }
    }
}

async fn look(options: &KeyOptions, is_asked: bool) -> Verdict {
    let KeyOptions { client, read, .. } = options;
    let read = Arc::clone(read);
    // A key file may stand on a slow disk.
    let Ok(read) = tokio::task::spawn_blocking(move || read()).await else { return Verdict::NotKnown };
    let candidate = read.and_then(|(secret, workspace)| {
        client.with_key(secret, workspace.as_deref()).map_err(|error| error.to_string())
    });
    let candidate = match candidate {
        Ok(candidate) => candidate,
        Err(why) => return not_taken(options, KeyRefusal::Unreadable(why), is_asked).await,
    };
    if client.has_key_of(&candidate) {
        return try_key(options, client).await.0;
    }
    // The old key stays until the new one is known to be for the same hotel.
    match try_key(options, &candidate).await {
        (Verdict::Accepted, seen) => match (client.workspace_seen(), seen) {
            (Some(shown), Some(seen)) if shown != seen => {
                not_taken(options, KeyRefusal::OtherWorkspace, is_asked).await
            }
            _ => {
                client.take_key_of(&candidate);
                tracing::info!("the key was read again and is another one now");
                Verdict::Accepted
            }
        },
        (Verdict::Refused(why), _) => not_taken(options, why, is_asked).await,
        (Verdict::NotKnown, _) => Verdict::NotKnown,
    }
}

/// What stands in the key's place is no trouble as long as the key that is in use works: a person who asked is told.
async fn not_taken(options: &KeyOptions, why: KeyRefusal, is_asked: bool) -> Verdict {
    match try_key(options, &options.client).await.0 {
        Verdict::Refused(_) => Verdict::Refused(why),
        verdict => {
            if is_asked {
                options.lanes.jobs.send(BackendMsg::Notice(words::not_taken(&why)));
            }
            verdict
        }
    }
}

/// Makes a call that every key may make, when the server's turn for one has come; gives the workspace where the server
/// tells it.
async fn try_key(options: &KeyOptions, client: &Client) -> (Verdict, Option<String>) {
    match options.health.send(client.workspace_get()).await {
        Ok(workspace) => (Verdict::Accepted, Some(workspace.workspace_id.clone())),
        Err(error) if error.kind == ErrorKind::Unauthorized => (Verdict::Refused(KeyRefusal::NotAccepted), None),
        Err(error) if error.may_pass() => (Verdict::NotKnown, None),
        // It was answered: by a server that lacks the call.
        Err(_) => (Verdict::Accepted, None),
    }
}
