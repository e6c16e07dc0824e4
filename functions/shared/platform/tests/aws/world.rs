//! A world in the emulator: an account of its own with the table, queues and bucket that the engine has on AWS.

use std::{
    collections::BTreeMap,
    fs,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::{
    config::Credentials,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
        ScalarAttributeType,
    },
};
use aws_sdk_s3::{Client, config::Builder, types::CreateBucketConfiguration};
use aws_sdk_sqs::types::QueueAttributeName::{QueueArn, RedrivePolicy, VisibilityTimeout};
use platform::{
    Platform, SignedDuration, TenantId, Timestamp, VirtualClock,
    aws::{self, Emulator as Place, Settings},
    conformance::{DEAD_LETTERS, QUEUE, Subject, queue_settings},
};
use serde_json::{Value, json};

use crate::emulator::{Emulator, root};

/// How a world lets time pass.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// For what goes by the engine's clock.
    ByClock,
    /// For what goes by the emulator's clock, too.
    Really,
}

pub(crate) struct World {
    platform: Platform,
    clock: VirtualClock,
    wait: Wait,
    secrets: aws_sdk_secretsmanager::Client,
    tenants: AtomicU32,
    _emulator: Option<Arc<Emulator>>,
}

const REGION: &str = "eu-central-1";
const VISIBILITY: SignedDuration = SignedDuration::from_secs(2);

impl World {
    pub(crate) async fn on_the_emulator(wait: Wait) -> Option<Self> {
        let emulator = Emulator::get()?;
        let place = Place { endpoint: emulator.endpoint.clone(), account: account() };
        let sdk = sdk(&place).await;
        make_table(&sdk).await;
        let queue = make_queues(&sdk).await;
        // Names of buckets are shared by all accounts.
        let staging = format!("staging-{}", place.account);
        make_bucket(&sdk, &staging).await;
        // One queue by its variable, the other by asking SQS.
        let queues = BTreeMap::from([(QUEUE.to_ascii_uppercase(), queue)]);
        Some(Self::new(place, sdk, staging, queues, wait, Some(emulator)).await)
    }

    pub(crate) async fn on_strict_dynamodb() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
        let database = dynoxide::Database::memory().expect("there is memory");
        tokio::spawn(dynoxide::server::serve_on(listener, database));
        let place = Place { endpoint, account: account() };
        let sdk = sdk(&place).await;
        make_table(&sdk).await;
        Self::new(place, sdk, "none".to_owned(), BTreeMap::new(), Wait::ByClock, None).await
    }

    async fn new(
        place: Place,
        sdk: SdkConfig,
        staging: String,
        queues: BTreeMap<String, String>,
        wait: Wait,
        emulator: Option<Arc<Emulator>>,
    ) -> Self {
        let settings = settings(place, staging, queues);
        let clock = VirtualClock::at("2026-03-01T00:00:00Z".parse::<Timestamp>().expect("a timestamp"));
        Self {
            platform: aws::platform_at(settings, Arc::new(clock.clone())).await,
            clock,
            wait,
            secrets: aws_sdk_secretsmanager::Client::new(&sdk),
            tenants: AtomicU32::new(0),
            _emulator: emulator,
        }
    }
}

#[async_trait]
impl Subject for World {
    fn platform(&self) -> &Platform {
        &self.platform
    }

    fn tenant(&self) -> TenantId {
        let number = self.tenants.fetch_add(1, Ordering::Relaxed);
        format!("tenant-{number}").parse().expect("a tenant id")
    }

    async fn wait(&self, time: SignedDuration) {
        self.clock.advance(time);
        if self.wait == Wait::Really {
            tokio::time::sleep(time.try_into().expect("time does not go backwards")).await;
        }
    }

    async fn put_secret(&self, tenant: &TenantId, service: &str, json: &Value) {
        let (name, value) = (format!("tieline/{tenant}/{service}"), json.to_string());
        let created = self.secrets.create_secret().name(&name).secret_string(&value).send().await;
        if created.is_err() {
            let put = self.secrets.put_secret_value().secret_id(name).secret_string(value);
            put.send().await.expect("the secret is there already");
        }
    }

    async fn delete_secret(&self, tenant: &TenantId, service: &str, restore: bool) {
        let name = format!("tieline/{tenant}/{service}");
        if restore {
            self.secrets.restore_secret().secret_id(name).send().await.expect("it is marked");
        } else {
            self.secrets.delete_secret().secret_id(name).send().await.expect("the secret is there");
        }
    }

    fn visibility(&self) -> SignedDuration {
        VISIBILITY
    }
}

pub(crate) fn settings(place: Place, staging: String, queues: BTreeMap<String, String>) -> Settings {
    let (region, ledger) = (REGION.to_owned(), "ledger".to_owned());
    Settings { region, ledger, staging, queues, stage: None, function: None, endpoint: None, emulator: Some(place) }
}

/// Twelve digits that no other test has, in this run or in one before.
fn account() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let started = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(Duration::ZERO, |since| since);
    let number = started.as_micros() + u128::from(COUNT.fetch_add(1, Ordering::Relaxed));
    format!("{:012}", number % 1_000_000_000_000)
}

async fn sdk(place: &Place) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .http_client(http)
        .endpoint_url(&place.endpoint)
        .credentials_provider(Credentials::new(&place.account, "emulator", None, None, "emulator"));
    loader.load().await
}

/// The table that template.yaml describes, under the name `ledger`.
async fn make_table(sdk: &SdkConfig) {
    let template = fs::read_to_string(root().join("template.yaml")).expect("the template is there");
    // As CloudFormation reads it: the attribute type `N` is no boolean.
    let options = serde_saphyr::options! { strict_booleans: true };
    let template: Value = serde_saphyr::from_str_with_options(&template, options).expect("the template is YAML");
    let ledger = &template["Resources"]["Ledger"]["Properties"];
    let text = |value: &Value| value.as_str().expect("it is a text").to_owned();
    let list = |value: &Value| value.as_array().expect("it is a list").clone();
    let keys = |keys: &Value| -> Vec<KeySchemaElement> {
        let key = |key: &Value| {
            let of = KeyType::from(text(&key["KeyType"]).as_str());
            KeySchemaElement::builder().attribute_name(text(&key["AttributeName"])).key_type(of).build()
        };
        list(keys).iter().map(|it| key(it).expect("name and type are given")).collect()
    };
    let mut call = aws_sdk_dynamodb::Client::new(sdk).create_table().table_name("ledger");
    call = call.billing_mode(BillingMode::PayPerRequest).set_key_schema(Some(keys(&ledger["KeySchema"])));
    for it in list(&ledger["AttributeDefinitions"]) {
        let of = ScalarAttributeType::from(text(&it["AttributeType"]).as_str());
        let definition = AttributeDefinition::builder().attribute_name(text(&it["AttributeName"])).attribute_type(of);
        call = call.attribute_definitions(definition.build().expect("name and type are given"));
    }
    for it in list(&ledger["GlobalSecondaryIndexes"]) {
        let projection = ProjectionType::from(text(&it["Projection"]["ProjectionType"]).as_str());
        let index = GlobalSecondaryIndex::builder()
            .index_name(text(&it["IndexName"]))
            .set_key_schema(Some(keys(&it["KeySchema"])))
            .projection(Projection::builder().projection_type(projection).build());
        call = call.global_secondary_indexes(index.build().expect("name and keys are given"));
    }
    call.send().await.expect("the table is made");
}

/// Makes the queues of the checks and answers the first one's address.
async fn make_queues(sdk: &SdkConfig) -> String {
    let client = aws_sdk_sqs::Client::new(sdk);
    let dead = client.create_queue().queue_name(DEAD_LETTERS).send().await.expect("the queue is made");
    let asked = client.get_queue_attributes().queue_url(dead.queue_url.expect("it has an address"));
    let told = asked.attribute_names(QueueArn).send().await.expect("the queue is there");
    let arn = told.attributes.and_then(|mut all| all.remove(&QueueArn)).expect("every queue has one");
    let redrive = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": queue_settings().max_receive });
    let call = client.create_queue().queue_name(QUEUE).attributes(RedrivePolicy, redrive.to_string());
    let made = call.attributes(VisibilityTimeout, VISIBILITY.as_secs().to_string()).send().await;
    made.expect("the queue is made").queue_url.expect("it has an address")
}

async fn make_bucket(sdk: &SdkConfig, name: &str) {
    let client = Client::from_conf(Builder::from(sdk).force_path_style(true).build());
    let here = CreateBucketConfiguration::builder().location_constraint(REGION.into()).build();
    let made = client.create_bucket().bucket(name).create_bucket_configuration(here).send().await;
    made.expect("the bucket is made");
}
