//! Delivery: over real sockets.

use super::*;
use crate::config;
use tokio::net::TcpListener;

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn plain_http_stays_on_this_machine() {
    for url in ["https://app.example.net/x", "http://127.0.0.1:8080/x", "http://[::1]/x", "http://127.9.9.9/"] {
        assert!(is_private(url), "{url}");
    }
    for url in ["http://app.example.net/", "http://10.0.0.1/", "http://localhost/", "http://127.0.0.1.example/", "x"] {
        assert!(!is_private(url), "{url}");
    }
}

/// A receiver that accepts and never answers holds up its own reports and nobody else's.
#[tokio::test]
async fn a_receiver_that_hangs_delays_no_emergency() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let dir = tempfile::tempdir().unwrap();
    let (path, key_file) = (dir.path().join("w.db"), dir.path().join("w.key"));
    let store = Store::open(&config::Store { path, key_file, ..config::Store::default() }).await.unwrap();
    let store = Arc::new(store);
    let (hanging, sink) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await);
    let sink = sink.unwrap();
    let expires = clock::now().after(PATIENCE);
    let keep = async |kind, client, to: &TcpListener| {
        let url = format!("http://{}/", to.local_addr().unwrap());
        store.keep_report(kind, client, &url, b"<svc_result/>", expires).await.unwrap();
    };
    for _ in 0..3 {
        keep(ReportKind::Slirep, "fleet", &hanging).await;
    }
    let push = Push { max_concurrent: 1, timeout_ms: 60_000, ..Push::default() };
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let (new, delivery) = (Arc::new(Notify::new()), Delivery { store: Arc::clone(&store), push, http, core: None });
    let running = tokio::spawn({
        let new = Arc::clone(&new);
        async move { Arc::new(delivery).run(&new).await }
    });
    let held = tokio::time::timeout(PATIENCE, hanging.accept()).await.unwrap().unwrap();
    keep(ReportKind::Emerep, "emergency", &sink).await;
    new.notify_one();
    tokio::time::timeout(PATIENCE, sink.accept()).await.expect("the emergency is delivered meanwhile").unwrap();
    drop(held);
    running.abort();
}

/// What a receiver was sent: the header that names it, and the body.
type Sent = (String, String);

/// A receiver that refuses the first requests and takes the others. What it takes comes out of the channel.
async fn receiver(refuse: usize) -> (String, tokio::sync::mpsc::UnboundedReceiver<Sent>) {
    let (took, taken) = tokio::sync::mpsc::unbounded_channel();
    let left = Arc::new(std::sync::atomic::AtomicUsize::new(refuse));
    let answer = move |headers: axum::http::HeaderMap, body: String| {
        let (took, left) = (took.clone(), Arc::clone(&left));
        async move {
            let once_less = |left: usize| left.checked_sub(1);
            let order = std::sync::atomic::Ordering::SeqCst;
            if left.fetch_update(order, order, once_less).is_ok() {
                return axum::http::StatusCode::SERVICE_UNAVAILABLE;
            }
            let name = headers.get(REPORT_HEADER).and_then(|name| name.to_str().ok()).unwrap_or_default();
            took.send((name.to_owned(), body)).unwrap();
            axum::http::StatusCode::OK
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mlp", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/mlp", axum::routing::post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, taken)
}

struct Lab {
    dir: tempfile::TempDir,
    store: Arc<Store>,
    new: Arc<Notify>,
}

impl Lab {
    async fn new() -> Self {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let dir = tempfile::tempdir().unwrap();
        let store = Self::open(&dir).await;
        Self { dir, store, new: Arc::default() }
    }

    async fn open(dir: &tempfile::TempDir) -> Arc<Store> {
        let (path, key_file) = (dir.path().join("w.db"), dir.path().join("w.key"));
        let config = config::Store { path, key_file, ..config::Store::default() };
        Arc::new(Store::open(&config).await.unwrap())
    }

    /// The same after the process has ended and begun anew.
    async fn restarted(self) -> Self {
        let Self { dir, store, .. } = self;
        drop(store);
        let store = Self::open(&dir).await;
        Self { dir, store, new: Arc::default() }
    }

    fn deliver(&self, max_concurrent: usize) -> tokio::task::JoinHandle<()> {
        let push = Push { max_concurrent, retry_ms: 10, timeout_ms: 60_000, ..Push::default() };
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (store, new) = (Arc::clone(&self.store), Arc::clone(&self.new));
        let delivery = Arc::new(Delivery { store, push, http, core: None });
        tokio::spawn(async move { delivery.run(&new).await })
    }

    async fn keep(&self, client: &str, url: &str, stream: u8, numbers: std::ops::RangeInclusive<i64>) {
        let expires = clock::now().after(Duration::from_secs(7_200));
        for number in numbers {
            let body = format!("{stream}:{number}");
            let (kind, body) = (ReportKind::Tlrep, body.as_bytes());
            let report = crate::store::NewReport { kind, client, destination: url, body, expires };
            let in_order = InOrder { stream: [stream; 16], number: number.saturating_mul(InOrder::BETWEEN) };
            self.store.keep_in_order(&[(report, in_order)], 1_000).await.unwrap();
        }
        self.new.notify_one();
    }
}

async fn next(taken: &mut tokio::sync::mpsc::UnboundedReceiver<Sent>) -> Sent {
    tokio::time::timeout(PATIENCE, taken.recv()).await.unwrap().unwrap()
}

/// What is taken of each stream, in the order in which it came.
async fn bodies(taken: &mut tokio::sync::mpsc::UnboundedReceiver<Sent>, count: usize) -> HashMap<String, Vec<String>> {
    let mut streams: HashMap<String, Vec<String>> = HashMap::new();
    for _ in 0..count {
        let (_, body) = next(taken).await;
        let (stream, number) = body.split_once(':').unwrap();
        streams.entry(stream.to_owned()).or_default().push(number.to_owned());
    }
    streams
}

#[tokio::test]
async fn a_receiver_that_comes_back_gets_everything_in_the_order_of_each_request() {
    let lab = Lab::new().await;
    let (url, mut taken) = receiver(5).await;
    for stream in 1..=3 {
        lab.keep("school", &url, stream, 1..=6).await;
    }
    let running = lab.deliver(8);
    let streams = bodies(&mut taken, 18).await;
    for stream in ["1", "2", "3"] {
        assert_eq!(streams[stream], ["1", "2", "3", "4", "5", "6"], "request {stream}");
    }
    running.abort();
}

#[tokio::test]
async fn each_report_is_named_so_that_doubles_can_be_dropped() {
    let lab = Lab::new().await;
    let (url, mut taken) = receiver(0).await;
    lab.keep("school", &url, 0xAB, 1..=1).await;
    lab.keep("school", &url, 0xAB, InOrder::END..=InOrder::END).await;
    lab.store.keep_report(ReportKind::Slirep, "school", &url, b"alone", clock::now().after(PATIENCE)).await.unwrap();
    let running = lab.deliver(1);
    let mut names: Vec<String> = Vec::new();
    for _ in 0..3 {
        names.push(next(&mut taken).await.0);
    }
    names.sort();
    let stream = "ab".repeat(16);
    assert_eq!(names, [String::new(), format!("{stream};1"), format!("{stream};end")]);
    running.abort();
}

#[tokio::test]
async fn dead_receivers_hold_up_nobody_else() {
    let lab = Lab::new().await;
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hangs = format!("http://{}/", hanging.local_addr().unwrap());
    let refuses = "http://127.0.0.1:9/";
    for stream in 1..=40 {
        lab.keep("hangs", &hangs, stream, 1..=2).await;
        lab.keep("refuses", refuses, 100 + stream, 1..=2).await;
    }
    let (url, mut taken) = receiver(0).await;
    let running = lab.deliver(8);
    tokio::time::timeout(PATIENCE, hanging.accept()).await.unwrap().unwrap();
    lab.keep("school", &url, 99, 1..=3).await;
    assert_eq!(bodies(&mut taken, 3).await["99"], ["1", "2", "3"]);
    running.abort();
}

#[tokio::test]
async fn what_a_killed_process_had_promised_is_not_waited_for() {
    let lab = Lab::new().await;
    let (url, mut taken) = receiver(0).await;
    let (now, day) = (clock::now(), Duration::from_secs(86_400));
    let (due, expires) = (now.after(day), now.after(day).after(day));
    lab.store.keep_report_for_later(ReportKind::Slirep, "school", &url, b"7:1", due, expires).await.unwrap();
    assert!(lab.store.due_reports(now, 8, 8).await.unwrap().is_empty());
    let running = lab.deliver(4);
    assert_eq!(bodies(&mut taken, 1).await["7"], ["1"]);
    running.abort();
}

#[tokio::test]
async fn a_restart_loses_nothing() {
    let lab = Lab::new().await;
    let (url, mut taken) = receiver(usize::MAX).await;
    lab.keep("school", &url, 7, 1..=4).await;
    // Killed while a receiver refuses, and again while one hangs: what was under way is still there.
    let running = lab.deliver(4);
    lab.keep("school", &url, 8, 1..=4).await;
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    assert!(taken.try_recv().is_err());
    let lab = lab.restarted().await;
    let held = clock::now().after(Duration::from_secs(3_600));
    let due = lab.store.due_reports(held, 100, 100).await.unwrap();
    let mut heads: Vec<_> =
        due.iter().map(|report| (report.in_order.unwrap().stream[0], report.in_order.unwrap().number)).collect();
    heads.sort_unstable();
    assert_eq!(heads, [(7, InOrder::BETWEEN), (8, InOrder::BETWEEN)], "the first of each, and only that");
}
