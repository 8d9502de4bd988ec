//! Keeps the half-typed form on disk and offers what a lost session left behind.

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::lanes::Lanes;
use crate::component::backend_msg::BackendMsg;
use crate::component::draft::Draft;
use crate::config::Env;
use crate::journal::Drafts;

/// Offers the form that a lost session of the operator left, then keeps each that is typed until the program is gone.
/// A folder that can't be used costs only this comfort: it is said in the log.
pub async fn keep_drafts(
    operator: String,
    lanes: Lanes<BackendMsg>,
    mut typed: mpsc::UnboundedReceiver<Option<Draft>>,
) {
    let env = Env::of_process();
    let Some(folder) = Drafts::default_folder(|name| env.get(name)) else { return };
    let drafts = match Drafts::open(&folder).await {
        Ok(drafts) => drafts,
        Err(error) => return tracing::warn!(%error, "half-typed forms can't be kept"),
    };
    match drafts.recover(&operator, Timestamp::now()).await {
        Ok(Some(bytes)) => match serde_json::from_slice(&bytes) {
            Ok(draft) => lanes.jobs.send(BackendMsg::Draft(Box::new(draft))),
            // The error itself would quote what was typed.
            Err(error) => tracing::warn!(why = ?error.classify(), "a half-typed form can't be read"),
        },
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "half-typed forms can't be read"),
    }
    while let Some(mut draft) = typed.recv().await {
        // Only the newest counts when a disk is slower than the fingers.
        while let Ok(newer) = typed.try_recv() {
            draft = newer;
        }
        let kept = match draft.as_ref().map(serde_json::to_vec) {
            Some(Ok(bytes)) => drafts.save(&operator, bytes, Timestamp::now()).await,
            Some(Err(error)) => Err(error.into()),
            None => drafts.clear().await,
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "a half-typed form can't be kept");
        }
    }
}
