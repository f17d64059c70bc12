//! The writing half of a connection, in a task of its own: a peer that does not read keeps nobody from hearing it.

use super::wire::Pdu;
use lcs::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// PDUs that wait for a peer to take them; beyond, the session waits.
const WAITING_MAX: usize = 32;
/// For how long what was sent last may still leave.
const LAST: Duration = Duration::from_secs(1);

/// The writing half of a connection.
pub(crate) struct Writer {
    queue: mpsc::Sender<Pdu>,
    task: JoinHandle<()>,
}

impl Writer {
    /// `timeout`: longest time for a peer to take one PDU; then the connection is given up.
    pub(crate) fn start(mut writer: impl AsyncWrite + Unpin + Send + 'static, timeout: Duration) -> Self {
        let (queue, mut pdus) = mpsc::channel::<Pdu>(WAITING_MAX);
        let task = tokio::spawn(async move {
            while let Some(pdu) = pdus.recv().await {
                let sending = async {
                    writer.write_all(pdu.octets()).await?;
                    writer.flush().await
                };
                if !matches!(tokio::time::timeout(timeout, sending).await, Ok(Ok(()))) {
                    return;
                }
            }
            writer.shutdown().await.ok();
        });
        Self { queue, task }
    }

    /// Sends after what was sent before; whether the connection is still there.
    pub(crate) async fn send(&self, pdu: Pdu) -> bool {
        self.queue.send(pdu).await.is_ok()
    }

    /// Lets what was sent last leave, and closes.
    pub(crate) async fn end(self) {
        drop(self.queue);
        let mut task = self.task;
        if tokio::time::timeout(LAST, &mut task).await.is_err() {
            task.abort();
        }
    }
}
