//! What the accounts hold before anybody asks. Everything here is invented.

use std::collections::BTreeMap;

use domain::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    account::{Account, Credentials, Email, List, Quirks, Status, Subscriber, Subscription},
    files::Folder,
    history::History,
    personal::PEOPLE,
};
use crate::people;

/// The name space of the platform's ids.
pub(super) const SPACE: Uuid = Uuid::from_u128(0x5d0c_7e41_18a3_49b6_a0f2_6ec4_11e7_2004);

/// The list that everybody is on.
pub const ALL_SUBSCRIBERS: u32 = 1_000;
/// A list of readers of a newsletter; half of the account's subscribers are on it.
pub const NEWSLETTER: u32 = 1_001;
/// A list on which opt-outs from sends to tables count.
pub const PUBLICATION: u32 = 1_002;
/// A mail with a greeting.
pub const GREETING: u32 = 5_501;
/// A mail with links, and one to opt out.
pub const NEWS: u32 = 5_502;
/// The send classification of every account.
pub const COMMERCIAL: &str = "Default Commercial";
/// The file location that every account has.
pub const ENHANCED_FTP: &str = "ExactTarget Enhanced FTP";
/// A file location that people made in every account of this sandbox: a bucket that the platform may read.
pub const BUCKET: &str = "Tieline Bucket";
/// How many subscribers an account begins with.
pub const SUBSCRIBERS: usize = 60;

/// Who signs in to the accounts: the tenant's member id, the user, the package, the password of its files. Passwords are of this sandbox only.
const ACCOUNTS: [(u32, Credentials, Credentials, &str); 3] = [
    (
        7_000_001,
        Credentials { name: "harbour_api", password: "sandbox-harbour-api-1" },
        Credentials { name: "harbourpackage0000000001", password: "sandbox-harbour-package-1" },
        "sandbox-harbour-files-1",
    ),
    (
        7_000_002,
        Credentials { name: "northwind_api", password: "sandbox-northwind-api-1" },
        Credentials { name: "northwindpackage00000001", password: "sandbox-northwind-package-1" },
        "sandbox-northwind-files-1",
    ),
    (
        7_000_003,
        Credentials { name: "lakeside_api", password: "sandbox-lakeside-api-1" },
        Credentials { name: "lakesidepackage000000001", password: "sandbox-lakeside-package-1" },
        "sandbox-lakeside-files-1",
    ),
];

/// The key of an account's subscriber, counted from 1.
pub fn key(tenant: &str, number: usize) -> String {
    Uuid::new_v5(&SPACE, format!("{tenant}/{number}").as_bytes()).to_string()
}

pub(super) fn accounts(now: Timestamp) -> impl Iterator<Item = Account> {
    people::TENANTS.into_iter().zip(ACCOUNTS).map(move |((tenant, _), (member, user, package, files))| {
        // Two years and a month before the sandbox begins.
        let made = now - SignedDuration::from_hours(761 * 24);
        let lists = [(ALL_SUBSCRIBERS, "All Subscribers"), (NEWSLETTER, "Newsletter"), (PUBLICATION, "Publications")];
        let list = |(id, name): (u32, &str)| {
            (id, List { id, name: name.to_owned(), key: format!("{name} - {member}"), created: made })
        };
        let subscribers: Vec<_> = (1..=SUBSCRIBERS).map(|number| subscriber(tenant, number, made)).collect();
        let keys = subscribers.iter().map(|subscriber| subscriber.key.clone()).collect();
        Account {
            tenant,
            member,
            user,
            package,
            files,
            subscribers: subscribers.into_iter().map(|subscriber| (subscriber.key.clone(), subscriber)).collect(),
            lists: lists.map(list).into(),
            tables: BTreeMap::new(),
            emails: [greeting(made), news(made)].map(|email| (email.id, email)).into(),
            classifications: [(COMMERCIAL.to_owned(), COMMERCIAL.to_owned())].into(),
            folder: Folder::default(),
            import_definitions: BTreeMap::new(),
            imports: Vec::new(),
            send_definitions: BTreeMap::new(),
            jobs: BTreeMap::new(),
            events: Vec::new(),
            quirks: Quirks::default(),
            history: History::new(member, keys, now),
            due: std::collections::BTreeSet::new(),
            last_id: 100_000,
        }
    })
}

fn subscriber(tenant: &'static str, number: usize, made: Timestamp) -> Subscriber {
    let (first, last) = PEOPLE[(number - 1) % PEOPLE.len()];
    let on = Subscription { status: Status::Active, created: made, modified: made };
    let mut lists = BTreeMap::from([(ALL_SUBSCRIBERS, on)]);
    if number.is_multiple_of(2) {
        lists.insert(NEWSLETTER, on);
    }
    Subscriber {
        id: u32::try_from(number).unwrap_or_default() + 10_000,
        key: key(tenant, number),
        address: format!("reader{number}@{tenant}.example"),
        status: Status::Active,
        attributes: [("First Name", first), ("Last Name", last)].map(|(name, it)| (name.into(), it.into())).into(),
        lists,
        created: made,
        unsubscribed: None,
        kind: None,
        bounces: None,
    }
}

fn greeting(created: Timestamp) -> Email {
    Email {
        id: GREETING,
        name: "Greeting".to_owned(),
        subject: "Welcome, %%First Name%%".to_owned(),
        body: "Dear %%First Name%% %%Last Name%%,\n\nthank you for being with us. We write to %%emailaddr%%.\n\n\
               See what is new: https://www.example.com/welcome\n\nNo more mails: %%unsub_center_url%%\n"
            .to_owned(),
        created,
    }
}

fn news(created: Timestamp) -> Email {
    Email {
        id: NEWS,
        name: "News of the month".to_owned(),
        subject: "News for %%First Name%%".to_owned(),
        body: "Dear %%First Name%%,\n\nthree things this month:\n\n1. https://www.example.com/news/one\n\
               2. https://www.example.com/news/two\n3. https://www.example.com/news/three\n\n\
               No more mails: %%unsub_center_url%%\n"
            .to_owned(),
        created,
    }
}
