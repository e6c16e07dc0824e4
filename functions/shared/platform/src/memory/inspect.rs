//! What is in the world, for tests and for the local host.

use domain::TenantId;
use serde_json::{Value, json};

use super::Memory;
use crate::{queue::Received, table::Row};

impl Memory {
    /// A tenant's rows whose sort keys begin with `prefix`, in order.
    pub fn rows(&self, tenant: &TenantId, prefix: &str) -> Vec<Row<Value>> {
        let (now, mut state) = (self.now(), self.state());
        let rows = state.rows.under(tenant, prefix, now).cloned().map(Row::decode);
        rows.map(|row| row.expect("any JSON reads as a JSON value, and the front writes nothing else")).collect()
    }

    /// The names of all objects, tenants' prefixes included, in order.
    pub fn objects(&self) -> Vec<String> {
        self.state().objects.keys().cloned().collect()
    }
}

/// The Lambda event of a delivery of `messages` from `queue`, as an event source mapping sends it.
pub fn sqs_event(queue: &str, messages: &[Received]) -> Value {
    let record = |message: &Received| {
        json!({
            "messageId": message.id,
            "receiptHandle": message.receipt,
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": message.receive_count.to_string(),
                "SentTimestamp": message.sent_at.as_millisecond().to_string(),
            },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:eu-central-1:000000000000:{queue}"),
            "awsRegion": "eu-central-1",
        })
    };
    json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() })
}
