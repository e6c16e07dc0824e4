//! The account in the emulator, for what no function does: buckets, routes, secrets, direct invocations.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context, ensure};
use bytes::Bytes;
use domain::TenantId;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use platform::aws;
use serde_json::{Value, json};
use transport::{Back, Call, Sockets};
use url::Url;

use super::{STAGE, in_account, sockets};
use crate::Route;

/// The account that the emulator takes a browser for, which sends no credentials: an API is found in it only.
const ID: &str = "000000000000";
const REGION: &str = "eu-central-1";

/// An account in the emulator.
#[derive(Clone)]
pub struct Account {
    endpoint: Url,
    sockets: Arc<Sockets>,
}

impl Account {
    pub(crate) fn new(endpoint: &str) -> anyhow::Result<Self> {
        Ok(Self { endpoint: Url::parse(endpoint)?, sockets: sockets()? })
    }

    /// What other people's AWS clients need in their environment.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let variables = [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str().trim_end_matches('/')),
            ("AWS_ACCESS_KEY_ID", ID),
            ("AWS_SECRET_ACCESS_KEY", "emulator"),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The account for our own clients.
    pub(super) fn place(&self) -> aws::Emulator {
        aws::Emulator { endpoint: self.endpoint.as_str().trim_end_matches('/').to_owned(), account: ID.to_owned() }
    }

    /// Calls a function and waits for its reply; `Err` is the function's error, as Lambda tells it.
    pub async fn invoke(&self, function: &str, event: &Value) -> anyhow::Result<Result<Value, Value>> {
        let path = format!("2015-03-31/functions/{}/invocations", in_account(function));
        let (headers, reply) = self.send("lambda", Method::POST, &path, &[], event.to_string()).await?;
        let reply = serde_json::from_slice(&reply).unwrap_or(Value::Null);
        Ok(if headers.contains_key("x-amz-function-error") { Err(reply) } else { Ok(reply) })
    }

    /// Gives a tenant's connection its secret, or another one.
    pub async fn put_secret(&self, tenant: &TenantId, service: &str, secret: &Value) -> anyhow::Result<()> {
        let (name, text) = (format!("tieline/{STAGE}/{tenant}/{service}"), secret.to_string());
        let made = json!({ "Name": name, "SecretString": text });
        if self.json("secretsmanager", "secretsmanager.CreateSecret", &made).await.is_ok() {
            return Ok(());
        }
        let put = json!({ "SecretId": name, "SecretString": text });
        self.json("secretsmanager", "secretsmanager.PutSecretValue", &put).await.map(drop)
    }

    /// Takes a tenant's secret away, for good.
    pub async fn delete_secret(&self, tenant: &TenantId, service: &str) -> anyhow::Result<()> {
        let order =
            json!({ "SecretId": format!("tieline/{STAGE}/{tenant}/{service}"), "ForceDeleteWithoutRecovery": true });
        self.json("secretsmanager", "secretsmanager.DeleteSecret", &order).await.map(drop)
    }

    /// Puts a message of any text into a queue, as nobody of ours would.
    pub async fn send_message(&self, queue: &str, body: &str) -> anyhow::Result<()> {
        let asked = self.json("sqs", "AmazonSQS.GetQueueUrl", &json!({ "QueueName": in_account(queue) })).await?;
        let message = json!({ "QueueUrl": asked["QueueUrl"], "MessageBody": body });
        self.json("sqs", "AmazonSQS.SendMessage", &message).await.map(drop)
    }

    /// How many messages a queue holds: those that wait and those that are being worked on.
    pub async fn messages(&self, queue: &str) -> anyhow::Result<u64> {
        let asked = self.json("sqs", "AmazonSQS.GetQueueUrl", &json!({ "QueueName": in_account(queue) })).await?;
        let order = json!({ "QueueUrl": asked["QueueUrl"], "AttributeNames": ["All"] });
        let told = self.json("sqs", "AmazonSQS.GetQueueAttributes", &order).await?;
        let count = |name: &str| told["Attributes"][name].as_str().and_then(|count| count.parse::<u64>().ok());
        let names = ["", "NotVisible", "Delayed"].map(|kind| format!("ApproximateNumberOfMessages{kind}"));
        Ok(names.iter().filter_map(|name| count(name)).sum())
    }

    pub(super) async fn make_bucket(&self, name: &str) -> anyhow::Result<()> {
        let here = format!(
            "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>{REGION}\
             </LocationConstraint></CreateBucketConfiguration>"
        );
        self.send("s3", Method::PUT, name, &[], here).await.map(drop)
    }

    /// The environment that a function was deployed with.
    pub(super) async fn environment(&self, function: &str) -> anyhow::Result<BTreeMap<String, String>> {
        let path = format!("2015-03-31/functions/{}/configuration", in_account(function));
        let variables = self.rest("lambda", Method::GET, &path, None).await?["Environment"]["Variables"].take();
        serde_json::from_value(variables).context("the function has no environment")
    }

    /// Adds the routes to the deployed API and answers its id: the emulator makes an API without them, because it does
    /// not read the definition that SAM makes.
    pub(super) async fn add_routes(&self, routes: &[Route]) -> anyhow::Result<String> {
        let apis = self.rest("apigateway", Method::GET, "v2/apis", None).await?;
        let api = apis["items"][0]["apiId"].as_str().context("no HTTP API was deployed")?;
        let mut targets = BTreeMap::new();
        for route in routes {
            if !targets.contains_key(&route.function) {
                let integration = json!({
                    "integrationType": "AWS_PROXY",
                    "integrationUri": format!("arn:aws:lambda:{REGION}:{ID}:function:{}", in_account(&route.function)),
                    "payloadFormatVersion": "2.0",
                });
                let path = format!("v2/apis/{api}/integrations");
                let made = self.rest("apigateway", Method::POST, &path, Some(&integration)).await?;
                let id = made["integrationId"].as_str().context("the integration has no id")?;
                targets.insert(route.function.clone(), format!("integrations/{id}"));
            }
            let key = format!("{} {}", route.method, route.path);
            let order = json!({ "routeKey": key, "target": targets[&route.function] });
            self.rest("apigateway", Method::POST, &format!("v2/apis/{api}/routes"), Some(&order)).await?;
        }
        Ok(api.to_owned())
    }

    async fn json(&self, service: &str, target: &str, body: &Value) -> anyhow::Result<Value> {
        let kind = if service == "sqs" { "application/x-amz-json-1.0" } else { "application/x-amz-json-1.1" };
        let headers = [("x-amz-target", target), ("content-type", kind)];
        let (_, answer) = self.send(service, Method::POST, "", &headers, body.to_string()).await?;
        Ok(serde_json::from_slice(&answer).unwrap_or(Value::Null))
    }

    async fn rest(&self, service: &str, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let text = body.map(ToString::to_string).unwrap_or_default();
        let (_, answer) = self.send(service, method, path, &[("content-type", "application/json")], text).await?;
        serde_json::from_slice(&answer).with_context(|| format!("{path} is not answered with JSON"))
    }

    async fn send(
        &self,
        service: &str,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: impl Into<Bytes>,
    ) -> anyhow::Result<(HeaderMap, Bytes)> {
        let mut call = Call {
            method,
            url: self.endpoint.join(path)?,
            headers: HeaderMap::new(),
            body: body.into(),
            repeatable: false,
            operation: "emulator",
        };
        // The emulator reads whose request it is, and for which service and region, but does not verify it.
        let scope = format!("AWS4-HMAC-SHA256 Credential={ID}/20260101/{REGION}/{service}/aws4_request");
        call = call.header(header::AUTHORIZATION, HeaderValue::from_str(&scope)?);
        for (name, value) in headers {
            call = call.header(HeaderName::from_static(name), HeaderValue::from_str(value)?);
        }
        let answer = self.sockets.send(&call).await?;
        let said = || String::from_utf8_lossy(&answer.body).into_owned();
        ensure!(answer.status.is_success(), "{service} answers /{path} with {}: {}", answer.status, said());
        Ok((answer.headers, answer.body))
    }
}
