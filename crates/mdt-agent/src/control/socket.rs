//! The socket: callers, their lines, answers.

use super::{Request, VERBS, Verb};
use crate::station::Status;
use serde::Serialize;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Longest line, octets.
const LINE: u64 = 1024;
/// Longest wait for a line.
const PATIENCE: Duration = Duration::from_secs(10);
/// Callers at once.
const CALLERS: usize = 8;

/// The line that is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Whether it was done.
    pub ok: bool,
    /// How it stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
    /// What can be asked for, to who asked for something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verbs: Option<[Verb; 5]>,
}

impl Answer {
    fn refused() -> Self {
        let error = Some("one line of JSON with a verb; pause needs for_s, 1 to 31622400 seconds");
        Self { ok: false, status: None, error, verbs: Some(VERBS) }
    }

    fn away() -> Self {
        Self { ok: false, status: None, error: Some("the agent is stopping"), verbs: None }
    }
}

/// A request, and where its answer goes.
pub type Asked = (Request, oneshot::Sender<Answer>);

/// Opens the socket, mode 0660, in the place of one that nobody listens on.
///
/// # Errors
/// It cannot be made, or somebody listens on it.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        return Err(io::Error::new(io::ErrorKind::AddrInUse, format!("somebody listens on {}", path.display())));
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660))?;
    Ok(listener)
}

/// Takes callers and passes on what they ask for.
pub async fn serve(listener: UnixListener, to: mpsc::Sender<Asked>) {
    let places = Arc::new(Semaphore::new(CALLERS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let to = to.clone();
                tokio::spawn(async move {
                    if tokio::time::timeout(PATIENCE * 3, converse(stream, to)).await.is_err() {
                        tracing::debug!("a caller was left waiting too long");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a caller could not be taken");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

async fn converse(stream: UnixStream, to: mpsc::Sender<Asked>) {
    let (from, mut back) = stream.into_split();
    let mut line = Vec::new();
    let mut from = BufReader::new(from.take(LINE));
    let came = tokio::time::timeout(PATIENCE, from.read_until(b'\n', &mut line)).await.is_ok_and(|read| read.is_ok());
    let answer = match Request::parse(&line).filter(|_| came && line.len() as u64 <= LINE) {
        None => Answer::refused(),
        Some(request) => {
            let (answer, answered) = oneshot::channel();
            match to.send((request, answer)).await {
                Ok(()) => answered.await.unwrap_or_else(|_| Answer::away()),
                Err(_) => Answer::away(),
            }
        }
    };
    let Ok(mut octets) = serde_json::to_vec(&answer) else { return };
    octets.push(b'\n');
    // Who does not wait for the answer does not get it.
    if back.write_all(&octets).await.is_err() {
        tracing::debug!("a caller went before its answer");
    }
}

/// Asks an agent; gives the line that it answers.
///
/// # Errors
/// Nobody listens, or says nothing.
pub fn ask(socket: &Path, request: Request) -> io::Result<String> {
    use std::io::{BufRead as _, Write as _};
    let mut stream = std::os::unix::net::UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE * 6))?;
    stream.write_all(&serde_json::to_vec(&request)?)?;
    stream.write_all(b"\n")?;
    let mut line = String::new();
    std::io::BufReader::new(stream).read_line(&mut line)?;
    if line.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_verbs_and_nothing_else() {
        let verb = |verb, for_s| Some(Request { verb, for_s });
        for (line, wanted) in [
            (r#"{"verb":"status"}"#, verb(Verb::Status, None)),
            (r#"{"verb":"resume"}"#, verb(Verb::Resume, None)),
            (r#"{"verb":"opt-out"}"#, verb(Verb::OptOut, None)),
            (r#"{"verb":"clear"}"#, verb(Verb::Clear, None)),
            (r#"{"verb":"pause","for_s":86400}"#, verb(Verb::Pause, Some(86_400))),
            (r#"{"verb":"pause"}"#, None),
            (r#"{"verb":"pause","for_s":0}"#, None),
            (r#"{"verb":"pause","for_s":31622401}"#, None),
            (r#"{"verb":"pause","for_s":-1}"#, None),
            (r#"{"verb":"clear","for_s":1}"#, None),
            (r#"{"verb":"status","all":true}"#, None),
            (r#"{"verb":"opt-in"}"#, None),
            (r#"{"verb":"export"}"#, None),
            (r#"{"verb":"read"}"#, None),
            (r#"["status"]"#, None),
            ("status", None),
            ("", None),
        ] {
            assert_eq!(Request::parse(line.as_bytes()), wanted, "{line}");
        }
    }

    #[test]
    fn a_refusal_names_the_verbs() {
        let text = serde_json::to_string(&Answer::refused()).unwrap();
        assert!(text.contains(r#""verbs":["status","pause","resume","opt-out","clear"]"#), "{text}");
    }
}
