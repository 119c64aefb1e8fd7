//! Connections that can be cut: before an answer, or in the middle of one.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// One accepted connection: who is at its other end, and the means to cut it.
///
/// Handlers get it as axum's `ConnectInfo` where a [`DisconnectableListener`] is served. It takes effect on the next write: a
/// handler cuts, then returns any answer.
#[derive(Debug, Clone)]
pub struct Connection {
    peer: SocketAddr,
    mode: Arc<Mutex<Mode>>,
}

/// What becomes of the bytes that are written.
#[derive(Debug, Clone, Copy)]
enum Mode {
    /// They are sent.
    Whole,
    /// Of the next answer, the head and so many bytes of the body are sent; of a body of none, half of the head.
    Cut { body: usize },
    /// So many more bytes are sent.
    Last(usize),
}

impl Connection {
    fn new(peer: SocketAddr) -> Self {
        Self { peer, mode: Arc::new(Mutex::new(Mode::Whole)) }
    }

    /// The address at its other end.
    #[must_use]
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Closes the connection without another byte.
    pub fn disconnect(&self) {
        self.set(Mode::Last(0));
    }

    /// Closes the connection after so many bytes of the next answer's body; for 0, in the middle of its head.
    pub fn disconnect_in_body(&self, bytes: usize) {
        self.set(Mode::Cut { body: bytes });
    }

    fn set(&self, mode: Mode) {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// How many of these bytes may be sent; nothing when no more may.
    fn allowance(&self, bytes: &[u8]) -> Option<usize> {
        let mut mode = self.mode.lock().unwrap_or_else(PoisonError::into_inner);
        if let Mode::Cut { body } = *mode {
            // hyper writes an answer's whole head at once.
            let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
            *mode = Mode::Last(if body == 0 { head / 2 } else { head + body });
        }
        match *mode {
            Mode::Last(0) => None,
            Mode::Last(left) => Some(left.min(bytes.len())),
            Mode::Whole | Mode::Cut { .. } => Some(bytes.len()),
        }
    }

    fn sent(&self, count: usize) {
        let mut mode = self.mode.lock().unwrap_or_else(PoisonError::into_inner);
        if let Mode::Last(left) = *mode {
            *mode = Mode::Last(left.saturating_sub(count));
        }
    }
}

/// A TCP listener whose connections can be cut.
#[derive(Debug)]
pub struct DisconnectableListener(pub TcpListener);

/// The bytes of a connection that can be cut.
#[derive(Debug)]
pub struct Stream {
    tcp: TcpStream,
    connection: Connection,
}

impl Listener for DisconnectableListener {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        let (tcp, peer) = Listener::accept(&mut self.0).await;
        let _ = tcp.set_nodelay(true); // slower without, no more
        (Stream { tcp, connection: Connection::new(peer) }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, DisconnectableListener>> for Connection {
    fn connect_info(stream: IncomingStream<'_, DisconnectableListener>) -> Self {
        stream.io().connection.clone()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Some(allowed) = self.connection.allowance(bytes) else {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the connection was cut")));
        };
        let written = Pin::new(&mut self.tcp).poll_write(context, &bytes[..allowed]);
        if let Poll::Ready(Ok(count)) = written {
            self.connection.sent(count);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Connection {
        Connection::new(SocketAddr::from(([127, 0, 0, 1], 1)))
    }

    #[test]
    fn a_whole_answer_is_sent() {
        assert_eq!(connection().allowance(b"anything"), Some(8));
    }

    #[test]
    fn nothing_of_a_dropped_answer_is_sent() {
        let connection = connection();
        connection.disconnect();
        assert_eq!(connection.allowance(b"HTTP/1.1 200 OK\r\n\r\n"), None);
    }

    #[test]
    fn a_truncated_answer_is_sent_in_part() {
        let connection = connection();
        connection.disconnect_in_body(2);
        assert_eq!(connection.allowance(b"head\r\n\r\nbody"), Some(10));
        connection.sent(4);
        assert_eq!(connection.allowance(b"\r\n\r\nbody"), Some(6));
        connection.sent(6);
        assert_eq!(connection.allowance(b"dy"), None);
    }

    #[test]
    fn an_answer_without_a_body_is_cut_in_its_head() {
        let connection = connection();
        connection.disconnect_in_body(0);
        assert_eq!(connection.allowance(b"head\r\n\r\n"), Some(4));
    }
}
