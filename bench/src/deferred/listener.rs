//! The client's end: takes what is pushed, and says when.

use super::{Event, of_digits};
use crate::load::whole_message;
use anyhow::Result;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::Sender;
use std::time::Instant;

/// Listens until the process ends; its port.
pub(super) fn start(told: Sender<Event>) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let told = told.clone();
            std::thread::spawn(move || take(stream, &told));
        }
    });
    Ok(port)
}

fn take(mut stream: TcpStream, told: &Sender<Event>) {
    let (mut input, mut chunk) = (Vec::new(), vec![0u8; 64 << 10]);
    let _no_delay = stream.set_nodelay(true);
    while let Ok(read) = stream.read(&mut chunk) {
        if read == 0 {
            return;
        }
        input.extend_from_slice(&chunk[..read]);
        while let Some(length) = whole_message(&input) {
            let pushed = about(&input[..length]).map(|n| Event::Pushed { n, at: Instant::now() });
            input.drain(..length);
            // Nobody listens any more when the bench is over.
            if pushed.is_some_and(|pushed| told.send(pushed).is_err())
                || stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").is_err()
            {
                return;
            }
        }
    }
}

/// Whom a report is about: the first number in an element.
fn about(message: &[u8]) -> Option<u64> {
    let at = message.windows(6).position(|octets| octets == b">49170")? + 1;
    let length = message[at..].iter().take_while(|octet| octet.is_ascii_digit()).count();
    of_digits(&message[at..at + length])
}
