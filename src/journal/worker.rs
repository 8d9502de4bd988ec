//! A thread of its own for work that blocks, so that no task of the runtime is blocked by it.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

type Work<T> = Box<dyn FnOnce(&mut T) + Send>;

/// A thread that owns a `T` and does one piece of work after the other with it. After the worker was dropped it does
/// what is left, drops the `T` and ends.
pub(super) struct Worker<T> {
    work: Sender<Work<T>>,
}

/// The thread could not be made, or it ended.
#[derive(Debug)]
pub(super) struct Gone;

impl<T: 'static> Worker<T> {
    /// Starts the thread, which makes the `T`. `between` runs after each piece of work, and after each `pause`
    /// without any.
    pub(super) async fn start<E: Send + 'static, R: Send + 'static>(
        name: &str,
        pause: Duration,
        make: impl FnOnce() -> Result<(T, R), E> + Send + 'static,
        mut between: impl FnMut(&mut T) + Send + 'static,
    ) -> Result<Result<(Self, R), E>, Gone> {
        let (work, orders) = mpsc::channel::<Work<T>>();
        let (reply, answer) = oneshot::channel();
        let run = move || {
            let mut owned = match make() {
                Ok((owned, report)) => {
                    // Who asked may be gone: then the channel of orders is closed as well.
                    let _ = reply.send(Ok(report));
                    owned
                }
                Err(error) => {
                    let _ = reply.send(Err(error));
                    return;
                }
            };
            loop {
                match orders.recv_timeout(pause) {
                    Ok(work) => work(&mut owned),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                between(&mut owned);
            }
        };
        thread::Builder::new().name(name.to_owned()).spawn(run).map_err(|_| Gone)?;
        Ok(answer.await.map_err(|_| Gone)?.map(|report| (Self { work }, report)))
    }

    /// Does a piece of work with the `T` on the thread, even when the returned future is dropped.
    pub(super) async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut T) -> R + Send + 'static,
    ) -> Result<R, Gone> {
        let (done, answer) = oneshot::channel();
        let work = Box::new(move |owned: &mut T| {
            // Who asked may be gone.
            let _ = done.send(work(owned));
        });
        self.work.send(work).map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }
}

impl<T> std::fmt::Debug for Worker<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}
