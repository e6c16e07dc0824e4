//! One platform, by a clock that tests move, and clients of its accounts.

use std::sync::Arc;

use bytes::Bytes;
use domain::{SignedDuration, Timestamp, VirtualClock};
use exacttarget::{
    ApiUser, Connection, ExactTarget, Filter, Package, SignIn,
    objects::{
        Column, ColumnKind, DataExtension, Destination, EmailSendDefinition, FileKind, ImportDefinition, Object,
        SendSource, UpdateKind,
    },
    operations::{Create, Retrieve, Start},
};
use http::{Request, Response};
use localhost::heard;
use sandbox::{
    Addresses, Fault, Sandbox, Service, Switch, Times, World as Services,
    exacttarget::{Account, seed},
};
use soap::Element;
use transport::{Client, Guard, InProcess};

pub(crate) const BASE: &str = "http://127.0.0.1:7401";
pub(crate) const BEGIN: &str = "2026-06-01T08:00:00Z";

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: VirtualClock,
}

impl World {
    pub(crate) fn new() -> Self {
        let now: Timestamp = BEGIN.parse().unwrap();
        let clock = VirtualClock::at(now);
        let addresses = Addresses::by_name(|_| BASE.to_owned());
        let sandbox = Sandbox::with_virtual_clock(Services::seeded(&addresses, now), clock.clone());
        Self { sandbox, clock }
    }

    fn client(&self) -> Client {
        let sandbox = self.sandbox.clone();
        let back = InProcess::new(move |request: Request<Bytes>| heard(sandbox.handle(Service::ExactTarget, &request)));
        Client::new("exacttarget", Arc::new(back), Guard::loopback(), Arc::new(self.clock.clone()))
    }

    /// Harbour's account, by its user.
    pub(crate) fn harbour(&self) -> ExactTarget {
        self.with_password("sandbox-harbour-api-1")
    }

    pub(crate) fn with_password(&self, password: &str) -> ExactTarget {
        ExactTarget::new(user(password), self.client())
    }

    /// Northwind's account, by its package.
    pub(crate) fn northwind(&self) -> ExactTarget {
        let package = Package {
            token: format!("{BASE}/v2/token").parse().unwrap(),
            client_id: "northwindpackage00000001".to_owned(),
            client_secret: "sandbox-northwind-package-1".into(),
            account_id: Some(7_000_002),
        };
        let connection = Connection { endpoint: None, sign_in: SignIn::Package(package) };
        ExactTarget::new(connection, self.client())
    }

    /// Looks at harbour's account, or changes it behind the platform's back.
    pub(crate) fn account<T>(&self, look: impl FnOnce(&mut Account) -> T) -> T {
        look(self.sandbox.world().exacttarget.account_mut("harbour").expect("the account"))
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.sandbox.advance(SignedDuration::from_secs(seconds));
        let now = self.sandbox.now();
        self.sandbox.world().exacttarget.settle(now);
    }

    pub(crate) fn calls(&self, operation: &str) -> u64 {
        let world = self.sandbox.world();
        world.calls().get(&Service::ExactTarget).and_then(|calls| calls.get(operation)).copied().unwrap_or(0)
    }

    pub(crate) fn next(&self, operation: &str, fault: Fault) {
        let operation = Some(operation.to_owned());
        let switch = Switch { service: Service::ExactTarget, operation, fault, times: Times::Next(1) };
        self.sandbox.world().faults.set(switch);
    }

    /// A request for one of the platform's pages.
    pub(crate) fn page(&self, method: &str, path: &str, body: &str) -> Response<Bytes> {
        let request = Request::builder().method(method).uri(path).body(Bytes::from(body.to_owned())).unwrap();
        self.sandbox.handle(Service::ExactTarget, &request).expect("an answer")
    }

    /// A table of people, with a file of them imported: the table's object id.
    pub(crate) async fn people(&self, platform: &ExactTarget, key: &str, count: usize) -> String {
        let create = Create { objects: vec![Object::from(&table(key))], upsert: false };
        let made = platform.send(&create).await.unwrap();
        assert!(made.0[0].is_ok, "{made:?}");
        let rows = (1..=count).map(|n| format!("key-{n},person{n}@example.com,Person {n}\r\n"));
        let file = rows.fold("SubscriberKey,Email,First Name\r\n".to_owned(), |file, row| file + &row);
        self.account(|account| account.folder.put(&format!("{key}.csv"), file)).unwrap();
        let objects = vec![Object::from(&import(key))];
        assert!(platform.send(&Create { objects, upsert: false }).await.unwrap().0[0].is_ok);
        platform.send(&Start(Object::by_key("ImportDefinition", key))).await.unwrap();
        self.pass(60);
        let ask = Retrieve::of("DataExtension", ["ObjectID"]).only(Filter::equals("CustomerKey", key));
        platform.send(&ask).await.unwrap().results[0].child_text("ObjectID")
    }
}

fn user(password: &str) -> Connection {
    let user = ApiUser { name: "harbour_api".to_owned(), password: password.into() };
    Connection { endpoint: Some(format!("{BASE}/Service.asmx").parse().unwrap()), sign_in: SignIn::User(user) }
}

pub(crate) fn table(key: &str) -> DataExtension {
    let column = |name: &str, kind, is_key| Column { name: name.to_owned(), kind, is_key, is_required: is_key };
    DataExtension {
        key: key.to_owned(),
        name: key.to_owned(),
        columns: vec![
            column("SubscriberKey", ColumnKind::Text(64), true),
            column("Email", ColumnKind::EmailAddress, false),
            column("First Name", ColumnKind::Text(40), false),
        ],
        subscriber_column: Some("SubscriberKey".to_owned()),
    }
}

pub(crate) fn import(key: &str) -> ImportDefinition {
    ImportDefinition {
        key: key.to_owned(),
        name: key.to_owned(),
        destination: Destination::DataExtension(key.to_owned()),
        file: format!("{key}.csv"),
        kind: FileKind::Csv,
        location: "ExactTarget Enhanced FTP".to_owned(),
        update: UpdateKind::AddAndUpdate,
        allows_errors: true,
    }
}

pub(crate) fn send_to(key: &str, object_id: &str, but_not_to: &[&str]) -> EmailSendDefinition {
    EmailSendDefinition {
        key: key.to_owned(),
        name: key.to_owned(),
        classification: seed::COMMERCIAL.to_owned(),
        to: SendSource::DataExtension { object_id: object_id.to_owned(), list: Some(u64::from(seed::PUBLICATION)) },
        but_not_to: but_not_to.iter().map(|id| (*id).to_owned()).collect(),
        email: u64::from(seed::GREETING),
        subject: None,
    }
}

/// The texts of a property, row by row.
pub(crate) fn texts(rows: &[Element], property: &str) -> Vec<String> {
    rows.iter().map(|row| row.child_text(property)).collect()
}
