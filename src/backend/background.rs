//! The runtime beside the terminal: what must go on while a slow line holds up a frame runs here.

use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// How long the tasks get to end when the program does.
const SHUTDOWN: Duration = Duration::from_millis(250);

/// Worker threads apart from the thread that writes to the terminal.
///
/// Dropping it cancels its tasks and waits for them for a quarter of a second at most. It must not be dropped inside
/// an async task (tokio forbids it): keep it in `main`.
#[derive(Debug)]
pub struct Background(Option<Runtime>);

impl Background {
    /// Starts two workers: one may decode a large page while the other talks to the server.
    ///
    /// # Errors
    /// When the system gives no thread or no event queue.
    pub fn start() -> io::Result<Self> {
        Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("background")
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
    }

    /// A handle to start tasks from anywhere; `None` only while it is being dropped.
    pub fn handle(&self) -> Option<&Handle> {
        self.0.as_ref().map(Runtime::handle)
    }

    /// Starts a task; `None` only while it is being dropped.
    pub fn spawn<F>(&self, task: F) -> Option<JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.as_ref().map(|runtime| runtime.spawn(task))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_timeout(SHUTDOWN);
        }
    }
}
