//! Connections that can be cut: before an answer, or in the middle of one.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// The switch of one connection.
#[derive(Debug, Clone)]
pub(crate) struct Wire(Arc<Mutex<Mode>>);

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

impl Wire {
    /// Closes the connection without another byte.
    pub(crate) fn drop_answer(&self) {
        self.set(Mode::Last(0));
    }

    /// Closes the connection after so many bytes of the next answer's body.
    pub(crate) fn truncate_answer(&self, body: usize) {
        self.set(Mode::Cut { body });
    }

    fn set(&self, mode: Mode) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// How many of these bytes may be sent; nothing when no more may.
    fn allowance(&self, bytes: &[u8]) -> Option<usize> {
        let mut mode = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
        let mut mode = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Mode::Last(left) = *mode {
            *mode = Mode::Last(left.saturating_sub(count));
        }
    }
}

/// A TCP connection with its switch.
pub(crate) struct Connection {
    stream: TcpStream,
    wire: Wire,
}

/// A TCP listener whose connections have switches.
pub(crate) struct WireListener(pub(crate) TcpListener);

impl Listener for WireListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was not set");
        }
        (Connection { stream, wire: Wire(Arc::new(Mutex::new(Mode::Whole))) }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, WireListener>> for Wire {
    fn connect_info(stream: IncomingStream<'_, WireListener>) -> Self {
        stream.io().wire.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Some(allowed) = self.wire.allowance(bytes) else {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "a fault cut the connection")));
        };
        let written = Pin::new(&mut self.stream).poll_write(context, &bytes[..allowed]);
        if let Poll::Ready(Ok(count)) = written {
            self.wire.sent(count);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire() -> Wire {
        Wire(Arc::new(Mutex::new(Mode::Whole)))
    }

    #[test]
    fn a_whole_answer_is_sent() {
        assert_eq!(wire().allowance(b"anything"), Some(8));
    }

    #[test]
    fn nothing_of_a_dropped_answer_is_sent() {
        let wire = wire();
        wire.drop_answer();
        assert_eq!(wire.allowance(b"HTTP/1.1 200 OK\r\n\r\n"), None);
    }

    #[test]
    fn a_truncated_answer_is_sent_in_part() {
        let wire = wire();
        wire.truncate_answer(2);
        assert_eq!(wire.allowance(b"head\r\n\r\nbody"), Some(10));
        wire.sent(4);
        assert_eq!(wire.allowance(b"\r\n\r\nbody"), Some(6));
        wire.sent(6);
        assert_eq!(wire.allowance(b"dy"), None);
    }

    #[test]
    fn an_answer_without_a_body_is_cut_in_its_head() {
        let wire = wire();
        wire.truncate_answer(0);
        assert_eq!(wire.allowance(b"head\r\n\r\n"), Some(4));
    }
}
