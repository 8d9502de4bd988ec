//! Connections that can be torn: each has a line by which a call ends it in a way that HTTP has no word for.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker, ready};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// A connection seen from a call.
#[derive(Clone)]
pub struct Line(Arc<Mutex<State>>);

struct State {
    course: Course,
    /// Wakes the connection's task when something else ends it.
    waker: Option<Waker>,
}

/// What the connection does.
enum Course {
    /// What HTTP wants.
    Http,
    /// It sends the rest of these bytes in place of what HTTP wants, then it closes.
    LastWords(Vec<u8>),
    /// It closes after its last words.
    Closed,
    /// It is reset.
    Reset,
}

impl Line {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(State { course: Course::Http, waker: None })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resets the connection now: the other side sees a TCP RST.
    pub fn reset(&self) {
        self.take(Course::Reset);
    }

    /// Sends these bytes in place of the answer, and closes.
    pub fn last_words(&self, bytes: Vec<u8>) {
        self.take(Course::LastWords(bytes));
    }

    fn take(&self, course: Course) {
        let waker = {
            let mut state = self.lock();
            state.course = course;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The connections of one listener.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    lines: Vec<Weak<Mutex<State>>>,
    all_reset: bool,
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Line {
        let line = Line::new();
        let mut open = self.lock();
        if open.all_reset {
            line.reset();
        }
        open.lines.retain(|line| line.strong_count() > 0);
        open.lines.push(Arc::downgrade(&line.0));
        line
    }

    /// Resets every connection, also those that are still to come.
    pub fn reset_all(&self) {
        let lines = {
            let mut open = self.lock();
            open.all_reset = true;
            std::mem::take(&mut open.lines)
        };
        lines.iter().filter_map(Weak::upgrade).for_each(|state| Line(state).reset());
    }
}

/// A listener whose connections have lines.
pub struct Doors {
    pub listener: TcpListener,
    pub lines: Lines,
}

impl Listener for Doors {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Only a little slower where it can't be set.
        let _ = stream.set_nodelay(true);
        (Wire { stream, line: self.lines.open() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, Doors>> for Line {
    fn connect_info(stream: IncomingStream<'_, Doors>) -> Self {
        stream.io().line.clone()
    }
}

/// A connection.
pub struct Wire {
    stream: TcpStream,
    line: Line,
}

impl Wire {
    /// Whether HTTP goes on here; it is woken when that changes.
    fn check(&self, cx: &Context<'_>) -> io::Result<()> {
        let mut state = self.line.lock();
        match state.course {
            Course::Reset | Course::Closed => Err(io::ErrorKind::ConnectionReset.into()),
            Course::Http | Course::LastWords(_) => {
                state.waker = Some(cx.waker().clone());
                Ok(())
            }
        }
    }

    /// Sends what there is to send in place of HTTP's bytes.
    fn poll_last_words(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.line.lock();
        let Course::LastWords(bytes) = &mut state.course else { return Poll::Ready(Ok(())) };
        while !bytes.is_empty() {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
            bytes.drain(..sent);
        }
        state.course = Course::Closed;
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        ready!(self.poll_last_words(cx))?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if matches!(self.line.lock().course, Course::Reset) {
            // Without lingering, closing is a reset; where that can't be set, the other side sees a close.
            let _ = self.stream.set_zero_linger();
        }
    }
}
