//! The signals that ask a process to end.

use std::io;

use tokio::signal::unix::{SignalKind, signal as listen};
use tokio_util::sync::CancellationToken;

/// A token that fires on the first SIGTERM or Ctrl-C. Call it once, at start, within the runtime.
///
/// Fails where the operating system refuses to register the handlers.
pub fn signal() -> io::Result<CancellationToken> {
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let fired = token.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("asked to end");
        fired.cancel();
    });
    Ok(token)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[tokio::test]
    async fn the_token_fires_when_the_process_is_asked_to_end() {
        let token = super::signal().unwrap();
        assert!(!token.is_cancelled());
        let kill = format!("kill -TERM {}", std::process::id());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        tokio::time::timeout(Duration::from_secs(5), token.cancelled()).await.unwrap();
    }
}
