//! What the functions ask of AWS, request by request.

use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use bytes::Bytes;
use http::{Method, request::Parts};
use serde::Serialize;
use serde_json::Value;

use super::in_code;

/// One request of a function to AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AwsCall {
    /// The function's name in the code.
    pub function: String,
    /// `dynamodb`, `sqs`, `secretsmanager` or `s3`.
    pub service: String,
    /// As the service's API names it.
    pub operation: String,
    /// What a transaction consists of.
    pub parts: Vec<String>,
    /// The table, or `table/index/name`; the queue; the secret; the bucket and the key.
    pub resource: String,
}

/// Keeps the requests that pass it, and writes each to a file, if it has one. Clones share it.
#[derive(Clone, Default)]
pub struct Recorder {
    kept: Arc<Mutex<Vec<AwsCall>>>,
    file: Option<Arc<Mutex<File>>>,
}

impl Recorder {
    /// Begins an empty file, if one is given.
    pub(super) fn new(file: Option<&Path>) -> anyhow::Result<Self> {
        let create = |path: &Path| File::create(path).with_context(|| format!("creating {}", path.display()));
        let file = file.map(create).transpose()?.map(|file| Arc::new(Mutex::new(file)));
        Ok(Self { kept: Arc::default(), file })
    }

    /// All that was asked so far.
    pub fn calls(&self) -> Vec<AwsCall> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets what was asked so far; the file keeps it.
    pub fn forget(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(super) fn record(&self, parts: &Parts, body: &Bytes) {
        let Some(call) = read(parts, body) else { return };
        if let Some(file) = &self.file {
            let line = serde_json::json!(call);
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = writeln!(file, "{line}") {
                tracing::error!("a call of {} is not in the file: {error}", call.function);
            }
        }
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }
}

/// What a request asks for. None: it is no function's.
fn read(parts: &Parts, body: &Bytes) -> Option<AwsCall> {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let function = header("user-agent")?.split(' ').find_map(|word| word.strip_prefix("app/")).map(in_code)?.to_owned();
    let call = |service: &str, operation: &str, parts, resource| AwsCall {
        function,
        service: service.to_owned(),
        operation: operation.to_owned(),
        parts,
        resource,
    };
    let Some((target, operation)) = header("x-amz-target").and_then(|target| target.rsplit_once('.')) else {
        return Some(call(
            "s3",
            object_operation(parts),
            Vec::new(),
            parts.uri.path().trim_start_matches('/').to_owned(),
        ));
    };
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| asked[name].as_str().unwrap_or_default();
    Some(match target {
        "AmazonSQS" => {
            let queue = text("QueueUrl").rsplit('/').next().unwrap_or_default();
            let queue = if queue.is_empty() { text("QueueName") } else { queue };
            call("sqs", operation, Vec::new(), queue.to_owned())
        }
        "secretsmanager" => {
            let name = if text("SecretId").is_empty() { text("Name") } else { text("SecretId") };
            call("secretsmanager", operation, Vec::new(), name.to_owned())
        }
        _ => {
            let (parts, table) = transaction(&asked);
            let table = table.unwrap_or_else(|| text("TableName").to_owned());
            let index = asked["IndexName"].as_str().map(|index| format!("/index/{index}")).unwrap_or_default();
            call("dynamodb", operation, parts, table + &index)
        }
    })
}

/// The parts of a transaction, and the table of the first.
fn transaction(asked: &Value) -> (Vec<String>, Option<String>) {
    let items = asked["TransactItems"].as_array().map(Vec::as_slice).unwrap_or_default();
    let parts: Vec<(&String, &Value)> = items.iter().filter_map(Value::as_object).flatten().collect();
    let table = parts.first().and_then(|(_, part)| part["TableName"].as_str()).map(str::to_owned);
    (parts.into_iter().map(|(name, _)| name.clone()).collect(), table)
}

/// S3 says by method and path what others say by a header.
fn object_operation(parts: &Parts) -> &'static str {
    let is_bucket = !parts.uri.path().trim_matches('/').contains('/');
    match (&parts.method, is_bucket) {
        (&Method::PUT, false) => "PutObject",
        (&Method::GET, false) => "GetObject",
        (&Method::HEAD, false) => "HeadObject",
        (&Method::DELETE, false) => "DeleteObject",
        (&Method::GET, true) => "ListObjectsV2",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use serde_json::json;

    use super::*;

    fn told(method: &str, uri: &str, headers: &[(&str, &str)], body: &Value) -> Option<AwsCall> {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        read(&parts, &Bytes::from(body.to_string()))
    }

    const AGENT: (&str, &str) = ("user-agent", "aws-sdk-rust/1.3.3 os/linux lang/rust/1.95.0 app/build-site");

    #[test]
    fn a_request_is_known_by_its_service_operation_and_resource() {
        let put = json!({ "Put": { "TableName": "ledger" } });
        let check = json!({ "ConditionCheck": { "TableName": "ledger" } });
        let rows: [(&str, Value, &str, &[&str], &str); 5] = [
            ("DynamoDB_20120810.GetItem", json!({ "TableName": "ledger" }), "dynamodb", &[], "ledger"),
            (
                "DynamoDB_20120810.Query",
                json!({ "TableName": "ledger", "IndexName": "due" }),
                "dynamodb",
                &[],
                "ledger/index/due",
            ),
            (
                "DynamoDB_20120810.TransactWriteItems",
                json!({ "TransactItems": [check, put] }),
                "dynamodb",
                &["ConditionCheck", "Put"],
                "ledger",
            ),
            ("AmazonSQS.SendMessage", json!({ "QueueUrl": "http://q/1/build-site" }), "sqs", &[], "build-site"),
            (
                "secretsmanager.GetSecretValue",
                json!({ "SecretId": "tieline/a/crm" }),
                "secretsmanager",
                &[],
                "tieline/a/crm",
            ),
        ];
        for (target, body, service, parts, resource) in rows {
            let call = told("POST", "/", &[AGENT, ("x-amz-target", target)], &body).expect("a function's");
            assert_eq!((&*call.function, &*call.service), ("build-site", service), "{target}");
            assert_eq!((&*call.operation, &*call.resource), (target.rsplit('.').next().unwrap_or_default(), resource));
            assert_eq!(call.parts, parts);
        }
        let call =
            told("PUT", "/staging/harbour/parked/1?x-id=PutObject", &[AGENT], &Value::Null).expect("a function's");
        assert_eq!((&*call.operation, &*call.resource), ("PutObject", "staging/harbour/parked/1"));
    }

    #[test]
    fn what_no_function_asks_is_not_recorded() {
        let agent = ("user-agent", "Boto3/1.43 md/Botocore#1.43");
        assert_eq!(told("POST", "/", &[agent, ("x-amz-target", "AmazonSQS.ListQueues")], &json!({})), None);
        assert_eq!(told("GET", "/", &[], &json!({})), None);
    }
}
