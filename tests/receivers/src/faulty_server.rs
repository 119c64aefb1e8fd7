//! A server whose connections fail in a way that the client does not notice before the next request.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How a connection fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionFault {
    /// It does not fail; every request is answered.
    None,
    /// The first request is answered, later ones are not, and the connection stays open, as after a NAT gateway dropped its
    /// state.
    Stall,
    /// The first request is answered, the next bytes are answered by a TCP reset, as if the server had closed the connection
    /// long ago.
    Reset,
    /// The connection is closed without a response when the first request has arrived completely.
    NoResponse,
    /// The connection is closed before anything is read.
    CloseOnAccept,
}

/// A server that answers 200 with the same body to every request.
#[derive(Debug)]
pub struct FaultyServer {
    url: String,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    connections: AtomicUsize,
    requests: AtomicUsize,
    requests_after_first: AtomicUsize,
}

impl FaultyServer {
    /// Starts it on loopback. Its threads end with the process.
    ///
    /// # Errors
    ///
    /// If it cannot listen on 127.0.0.1.
    pub fn start(ending: ConnectionFault, body: &'static str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let counts = Arc::<Counts>::default();
        let counting = Arc::clone(&counts);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                counting.connections.fetch_add(1, Ordering::SeqCst);
                let counting = Arc::clone(&counting);
                // An error means that the client has closed the connection.
                thread::spawn(move || serve(&stream, ending, body, &counting).ok());
            }
        });
        Ok(Self { url, counts })
    }

    /// Its address, without a path.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many connections were made.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// How many requests arrived completely, without those on connections that had failed.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.counts.requests.load(Ordering::SeqCst)
    }

    /// How many connections were used again after they had failed.
    #[must_use]
    pub fn requests_after_first(&self) -> usize {
        self.counts.requests_after_first.load(Ordering::SeqCst)
    }
}

fn serve(stream: &TcpStream, ending: ConnectionFault, body: &str, counts: &Counts) -> io::Result<()> {
    if ending == ConnectionFault::CloseOnAccept {
        return Ok(());
    }
    let mut reader = BufReader::new(stream);
    while read_request(&mut reader)? {
        counts.requests.fetch_add(1, Ordering::SeqCst);
        if ending == ConnectionFault::NoResponse {
            return Ok(());
        }
        let length = body.len();
        write!(&*stream, "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {length}\r\n\r\n{body}")?;
        if ending == ConnectionFault::None {
            continue;
        }
        // Waits until more arrives, or the client closes. Unread bytes make the kernel reset the connection.
        if stream.peek(&mut [0])? > 0 {
            counts.requests_after_first.fetch_add(1, Ordering::SeqCst);
        }
        if ending == ConnectionFault::Stall {
            io::copy(&mut reader, &mut io::sink())?;
        }
        return Ok(());
    }
    Ok(())
}

/// Reads a request with its body. `false` if the client closed the connection instead.
fn read_request(reader: &mut impl BufRead) -> io::Result<bool> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(false);
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        if line.trim().is_empty() {
            io::copy(&mut reader.by_ref().take(length), &mut io::sink())?;
            return Ok(true);
        }
    }
}
