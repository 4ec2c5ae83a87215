//! A site on this machine that publishes keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(super) struct Site {
    pub(super) url: String,
    asked: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Site {
    /// Answers every request with the document that `answer` makes of the site's own URL.
    pub(super) async fn serve(answer: impl Fn(&str, &str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let (count, own) = (Arc::clone(&asked), url.clone());
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let path = String::from_utf8_lossy(&request[..length]).split(' ').nth(1).unwrap().to_owned();
                let body = answer(&own, &path);
                let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n";
                let _ = stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
            }
        });
        Self { url, asked, task }
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Nobody answers from here on.
    pub(super) async fn close(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}
