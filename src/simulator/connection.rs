//! TCP connections that a call can end without a complete HTTP answer: by a reset, or in the middle of the body.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker, ready};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// A handle by which a call ends the connection that it came on.
#[derive(Clone)]
pub struct ConnectionHandle(Arc<Mutex<ConnectionState>>);

struct ConnectionState {
    mode: ConnectionMode,
    /// Wakes the task that serves the connection, when another task changes the mode.
    waker: Option<Waker>,
}

/// What the connection sends.
enum ConnectionMode {
    /// What the HTTP server writes.
    Http,
    /// The rest of these bytes in place of what the HTTP server writes; then it closes.
    FinalBytes(Vec<u8>),
    /// Nothing more: it closes.
    Closed,
    /// Nothing more: it is reset.
    Reset,
}

impl ConnectionHandle {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(ConnectionState { mode: ConnectionMode::Http, waker: None })))
    }

    fn lock(&self) -> MutexGuard<'_, ConnectionState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resets the connection now: the other side sees a TCP RST.
    pub fn reset(&self) {
        self.set_mode(ConnectionMode::Reset);
    }

    /// Sends these bytes in place of the answer, then closes the connection.
    pub fn send_final_bytes(&self, bytes: Vec<u8>) {
        self.set_mode(ConnectionMode::FinalBytes(bytes));
    }

    fn set_mode(&self, mode: ConnectionMode) {
        let waker = {
            let mut state = self.lock();
            state.mode = mode;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The connections of one listener.
#[derive(Clone, Default)]
pub struct Connections(Arc<Mutex<OpenConnections>>);

#[derive(Default)]
struct OpenConnections {
    connections: Vec<Weak<Mutex<ConnectionState>>>,
    all_reset: bool,
}

impl Connections {
    fn lock(&self) -> MutexGuard<'_, OpenConnections> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self) -> ConnectionHandle {
        let connection = ConnectionHandle::new();
        let mut open = self.lock();
        if open.all_reset {
            connection.reset();
        }
        open.connections.retain(|connection| connection.strong_count() > 0);
        open.connections.push(Arc::downgrade(&connection.0));
        connection
    }

    /// Resets every connection, also those that are accepted later.
    pub fn reset_all(&self) {
        let connections = {
            let mut open = self.lock();
            open.all_reset = true;
            std::mem::take(&mut open.connections)
        };
        connections.iter().filter_map(Weak::upgrade).for_each(|state| ConnectionHandle(state).reset());
    }
}

/// A TCP listener that keeps a handle to each connection that it accepts.
pub struct ConnectionListener {
    pub listener: TcpListener,
    pub connections: Connections,
}

impl Listener for ConnectionListener {
    type Io = ConnectionStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (ConnectionStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Without it answers are a little slower, and nothing else.
        let _ = stream.set_nodelay(true);
        (ConnectionStream { stream, connection: self.connections.add() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, ConnectionListener>> for ConnectionHandle {
    fn connect_info(stream: IncomingStream<'_, ConnectionListener>) -> Self {
        stream.io().connection.clone()
    }
}

/// The byte stream of a connection, as the HTTP server reads and writes it.
pub struct ConnectionStream {
    stream: TcpStream,
    connection: ConnectionHandle,
}

impl ConnectionStream {
    /// Fails when the connection has ended; else registers to be woken when its mode changes.
    fn check(&self, cx: &Context<'_>) -> io::Result<()> {
        let mut state = self.connection.lock();
        match state.mode {
            ConnectionMode::Reset | ConnectionMode::Closed => Err(io::ErrorKind::ConnectionReset.into()),
            ConnectionMode::Http | ConnectionMode::FinalBytes(_) => {
                state.waker = Some(cx.waker().clone());
                Ok(())
            }
        }
    }

    /// Sends the final bytes, if there are any, and then fails so that the HTTP server stops.
    fn poll_final_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.connection.lock();
        let ConnectionMode::FinalBytes(bytes) = &mut state.mode else { return Poll::Ready(Ok(())) };
        while !bytes.is_empty() {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
            bytes.drain(..sent);
        }
        state.mode = ConnectionMode::Closed;
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }
}

impl AsyncRead for ConnectionStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for ConnectionStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        ready!(self.poll_final_bytes(cx))?;
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

impl Drop for ConnectionStream {
    fn drop(&mut self) {
        if matches!(self.connection.lock().mode, ConnectionMode::Reset) {
            // Without lingering, closing is a reset; where that can't be set, the other side sees a close.
            let _ = self.stream.set_zero_linger();
        }
    }
}
