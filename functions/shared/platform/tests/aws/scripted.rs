//! A service that gives the answers it was told to give, one after the other, and keeps what it was asked.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use platform::{
    Platform,
    aws::{self, Emulator},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::world::settings;

/// What the service does with one request.
pub(crate) enum Answer {
    /// Answers with this status and body.
    Status(u16, String),
    /// Answers 200 with a header (`name: value`) and a body.
    Headed(&'static str, &'static str),
    /// Promises more bytes than it sends, and hangs up.
    Truncated(&'static str),
    /// Reads the request and hangs up.
    HangUp,
    /// Reads the request and never answers.
    Silence,
}

/// An error as DynamoDB, SQS and Secrets Manager give it.
pub(crate) fn fault(code: &str) -> Answer {
    Answer::Status(400, format!(r#"{{"__type":"com.amazonaws#{code}","message":"canary-8f2c"}}"#))
}

/// A transaction's refusal with these reasons, in the order of its writes.
pub(crate) fn cancelled(codes: &[&str]) -> Answer {
    let reasons: Vec<String> = codes.iter().map(|code| format!(r#"{{"Code":"{code}"}}"#)).collect();
    let code = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    let reasons = reasons.join(",");
    Answer::Status(400, format!(r#"{{"__type":"{code}","Message":"canary-8f2c","CancellationReasons":[{reasons}]}}"#))
}

#[derive(Clone, Default)]
pub(crate) struct Scripted(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    answers: VecDeque<Answer>,
    requests: Vec<String>,
}

impl Scripted {
    /// A platform on a service that gives these answers.
    pub(crate) async fn platform(answers: impl IntoIterator<Item = Answer>) -> (Self, Platform) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
        let script = Script { answers: answers.into_iter().collect(), requests: Vec::new() };
        let it = Self(Arc::new(Mutex::new(script)));
        let service = it.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move { service.serve(stream).await });
            }
        });
        let queues = [("WORK".to_owned(), format!("{endpoint}/000000000001/work"))].into();
        let place = Emulator { endpoint, account: "000000000001".to_owned() };
        (it, aws::platform(settings(place, "staging".to_owned(), queues)).await)
    }

    /// The requests so far: head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.script().requests.clone()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, mut stream: TcpStream) {
        while let Some(request) = read(&mut stream).await {
            let answer = {
                let mut script = self.script();
                script.requests.push(request);
                script.answers.pop_front().expect("there is an answer left in the script")
            };
            let (status, header, length, body) = match answer {
                Answer::Status(status, body) => (status, "x-none: none", body.len(), body),
                Answer::Headed(header, body) => (200, header, body.len(), body.to_owned()),
                Answer::Truncated(body) => (200, "x-none: none", body.len() + 10, body.to_owned()),
                Answer::HangUp => return,
                Answer::Silence => std::future::pending().await,
            };
            let head = format!("HTTP/1.1 {status} Scripted\r\n{header}\r\ncontent-length: {length}\r\n\r\n");
            let written = stream.write_all(format!("{head}{body}").as_bytes()).await;
            if written.is_err() || length > body.len() {
                return;
            }
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = |line: &str| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok();
            if body.len() >= head.lines().find_map(length).unwrap_or(0) {
                return Some(text);
            }
        }
        if stream.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    }
}
