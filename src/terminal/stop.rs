//! How the outside asks the program to end: a signal, a terminal that hung up, a panic on another thread.

use tokio::sync::watch;

/// Why the program must end although nobody asked it to quit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The terminal is gone: the window was closed or the line dropped. Nothing can be shown any more.
    HangUp,
    /// A signal by its number, such as 15 for SIGTERM.
    Signal(i32),
    /// A thread other than the main one panicked; its report has been printed.
    Panic,
}

impl Ending {
    /// The exit code that shells and service managers expect: 128 and the signal's number, 101 after a panic.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::HangUp => 129,
            Self::Signal(number) => u8::try_from(number).map_or(128, |number| number.saturating_add(128)),
            Self::Panic => 101,
        }
    }
}

/// Asks the program to end; the first request counts. Any thread may hold one.
#[derive(Debug, Clone)]
pub struct StopHandle(watch::Sender<Option<Ending>>);

/// Hears that the program must end.
#[derive(Debug, Clone)]
pub struct Stopped(watch::Receiver<Option<Ending>>);

/// Makes the end that asks the program to stop, and the end that waits for that.
pub fn channel() -> (StopHandle, Stopped) {
    let (sender, receiver) = watch::channel(None);
    (StopHandle(sender), Stopped(receiver))
}

impl StopHandle {
    /// Asks for the end.
    pub fn request(&self, why: Ending) {
        self.0.send_if_modified(|now| {
            let first = now.is_none();
            now.get_or_insert(why);
            first
        });
    }
}

impl Stopped {
    /// Waits until the end is asked for; for ever when nobody is left who could.
    pub async fn wait(&mut self) -> Ending {
        if let Ok(ending) = self.0.wait_for(Option::is_some).await
            && let Some(ending) = *ending
        {
            return ending;
        }
        std::future::pending().await
    }
}
