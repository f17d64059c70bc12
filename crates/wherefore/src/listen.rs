//! Taking connections, as many at a time as there are places.

use lcs::Duration;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// The next connection, and its place; `None` once `stop` is cancelled. One without a place is closed and counted under `refused`.
pub(crate) async fn accept(
    socket: &TcpListener,
    places: &Arc<Semaphore>,
    stop: &CancellationToken,
    refused: &'static str,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    loop {
        let accepted = tokio::select! {
            accepted = socket.accept() => accepted,
            () = stop.cancelled() => return None,
        };
        match accepted {
            Ok((stream, _)) => match Arc::clone(places).try_acquire_owned() {
                Ok(place) => return Some((stream, place)),
                Err(_) => metrics::counter!(refused).increment(1),
            },
            Err(error) => {
                // Out of descriptors, most likely: connections that end make room.
                tracing::warn!(%error, counted = refused, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}
