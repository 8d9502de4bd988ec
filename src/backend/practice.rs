//! Sets how the next encode of a sandbox encoder ends.

use tokio::sync::mpsc;

use super::lanes::Lanes;
use crate::component::backend_msg::BackendMsg;
use crate::domain::practice::Practice;
use crate::seam::client::Client;

/// Carries out wishes, one after the other, until the program is gone. Each is sent once, since it changes something.
pub async fn carry_out(client: Client, lanes: Lanes<BackendMsg>, mut wishes: mpsc::UnboundedReceiver<Practice>) {
    while let Some(practice) = wishes.recv().await {
        let result = match &practice.fails_with {
            Some(code) => client.simulate_encode_fails(&practice.encoder, code).await,
            None => client.simulate_encode_succeeds(&practice.encoder).await,
        };
        lanes.jobs.send(BackendMsg::Practised(practice, result));
    }
}
