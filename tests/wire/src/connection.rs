//! Connections that a handler can close before a response, or in the middle of one.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// One accepted connection, with the peer's address. Its methods close it on purpose.
///
/// Handlers get it as axum's `ConnectInfo` from a [`DisconnectableListener`]. Closing takes effect on the next write: a
/// handler calls a method, then returns any response.
#[derive(Debug, Clone)]
pub struct Connection {
    peer: SocketAddr,
    mode: Arc<Mutex<ConnectionMode>>,
}

/// How many of the written bytes are sent.
#[derive(Debug, Clone, Copy)]
enum ConnectionMode {
    /// All bytes.
    Open,
    /// Of the next response, the head and this many bytes of the body; for 0 bytes, half of the head.
    CloseInBody { bytes: usize },
    /// This many more bytes, then the connection is closed.
    CloseAfter(usize),
}

impl Connection {
    fn new(peer: SocketAddr) -> Self {
        Self { peer, mode: Arc::new(Mutex::new(ConnectionMode::Open)) }
    }

    /// The address of the peer.
    #[must_use]
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Closes the connection without sending another byte.
    pub fn disconnect(&self) {
        self.set(ConnectionMode::CloseAfter(0));
    }

    /// Closes the connection after this many bytes of the next response's body; for 0, in the middle of its head.
    pub fn disconnect_in_body(&self, bytes: usize) {
        self.set(ConnectionMode::CloseInBody { bytes });
    }

    fn set(&self, mode: ConnectionMode) {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// How many of these bytes may be sent; `None` if the connection is closed.
    fn allowance(&self, bytes: &[u8]) -> Option<usize> {
        let mut mode = self.mode.lock().unwrap_or_else(PoisonError::into_inner);
        if let ConnectionMode::CloseInBody { bytes: body } = *mode {
            // hyper writes the whole head of a response in one call.
            let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
            *mode = ConnectionMode::CloseAfter(if body == 0 { head / 2 } else { head + body });
        }
        match *mode {
            ConnectionMode::CloseAfter(0) => None,
            ConnectionMode::CloseAfter(left) => Some(left.min(bytes.len())),
            ConnectionMode::Open | ConnectionMode::CloseInBody { .. } => Some(bytes.len()),
        }
    }

    fn sent(&self, count: usize) {
        let mut mode = self.mode.lock().unwrap_or_else(PoisonError::into_inner);
        if let ConnectionMode::CloseAfter(left) = *mode {
            *mode = ConnectionMode::CloseAfter(left.saturating_sub(count));
        }
    }
}

/// A TCP listener whose connections can be closed on purpose.
#[derive(Debug)]
pub struct DisconnectableListener(pub TcpListener);

/// The byte stream of a connection that can be closed on purpose.
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
        let _ = tcp.set_nodelay(true); // only affects the speed
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
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "the connection was closed by a fault",
            )));
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
    fn response_is_sent_completely_without_a_fault() {
        assert_eq!(connection().allowance(b"anything"), Some(8));
    }

    #[test]
    fn disconnect_sends_nothing() {
        let connection = connection();
        connection.disconnect();
        assert_eq!(connection.allowance(b"HTTP/1.1 200 OK\r\n\r\n"), None);
    }

    #[test]
    fn disconnect_in_body_sends_head_and_part_of_body() {
        let connection = connection();
        connection.disconnect_in_body(2);
        assert_eq!(connection.allowance(b"head\r\n\r\nbody"), Some(10));
        connection.sent(4);
        assert_eq!(connection.allowance(b"\r\n\r\nbody"), Some(6));
        connection.sent(6);
        assert_eq!(connection.allowance(b"dy"), None);
    }

    #[test]
    fn disconnect_in_body_of_zero_bytes_sends_half_of_head() {
        let connection = connection();
        connection.disconnect_in_body(0);
        assert_eq!(connection.allowance(b"head\r\n\r\n"), Some(4));
    }
}
