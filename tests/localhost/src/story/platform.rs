//! Chapter *platform*: the e-mail platform is signed in to both ways, takes files all three ways, and mails ten people
//! (EX-03, EX-07, EX-38, EX-39).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use bytes::Bytes;
use domain::SignedDuration;
use exacttarget::{
    ApiUser, Connection, EventKind, ExactTarget, Filter, Package, SignIn,
    objects::{
        Column, ColumnKind, DataExtension, Destination, EmailSendDefinition, FileKind, ImportDefinition, Object,
        SendSource, UpdateKind,
    },
    operations::{Create, GetSystemStatus, Retrieve, Start, SystemStatus},
};
use file_drop::{BucketDrop, File, FileDrop, Ftp, FtpDrop, Login, Reach, Sftp, SftpDrop};
use platform::Bucket;
use sandbox::{Service, exacttarget::seed};
use serde_json::{Map, Value, json};
use transport::{AddressRule, Client, Guard, Limits, Sockets, Trust};

use super::Teller;
use crate::{
    Running, Scene,
    location::{self, FOLDER},
};

/// Whose account is signed in to with a password, and mails.
const TENANT: &str = "harbour";
/// Whose is signed in to with a token.
const OTHER: &str = "northwind";
/// What table, import and send are called.
const KEY: &str = "demo-people";
/// Far longer than it takes; a chapter must end.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) async fn tell(scene: &Scene, teller: &dyn Teller) -> anyhow::Result<Map<String, Value>> {
    scene.sandbox.world().forget_calls();
    let platform = platform(scene, TENANT, false)?;
    let bucket = scene.staging.clone().context("the scene has no bucket")?;
    let _reading = Running::of(location::read(scene.sandbox.clone(), bucket.clone()));
    for (tenant, by_token) in [(TENANT, false), (OTHER, true)] {
        let status = self::platform(scene, tenant, by_token)?.send(&GetSystemStatus).await?;
        ensure!(status == SystemStatus::Ok, "the platform of {tenant} says {status:?}");
    }
    teller.say("The platform is signed in to with a user's password, and with a package's token.");

    let made = platform.send(&Create { objects: vec![Object::from(&table())], upsert: false }).await?.0;
    ensure!(made.iter().all(|outcome| outcome.is_ok), "the table is refused: {made:?}");
    let mut rows = 0;
    let mut dropped = Map::new();
    for (number, (way, location, drop)) in drops(scene, bucket)?.into_iter().enumerate() {
        teller.progress(u64::try_from(number)?, 3, &format!("Import by {way}"));
        let people = if number == 0 { 1..=4 } else { 3 * number + 2..=3 * number + 4 };
        let file = format!("{KEY}-{way}.csv");
        let content = people_file(people.clone());
        drop.put(&File::of(&file, &content)?, &content).await?;
        let imported = import(scene, &platform, &file, location).await?;
        ensure!(imported == people.clone().count(), "{imported} rows came by {way}");
        rows += imported;
        dropped.insert(way.to_owned(), imported.into());
    }
    teller.progress(3, 3, "Done");
    teller.say(&format!("Files with {rows} people come by FTP with TLS, by SFTP and by a bucket, and are imported."));

    let job = send(scene, &platform).await?;
    let (mails, example) = mails(scene, job)?;
    ensure!(mails == rows, "{mails} mails for {rows} people");
    teller.say(&format!("A send mails {mails} people, each with their own words: {example}"));
    let sent = sent(scene, &platform, job).await?;
    ensure!(sent == mails, "{sent} events for {mails} mails");
    let page = format!("{}/{TENANT}/", scene.addresses.exacttarget);
    teller.say(&format!("The platform tells of {sent} mails that were sent. Mailboxes and jobs: {page}"));
    let facts = json!({
        "sign_ins": ["user", "package"],
        "dropped": dropped,
        "imported": rows,
        "mails": mails,
        "sent_events": sent,
        "job": job,
        "upstream_calls": calls(scene),
        "page": page,
    });
    Ok(facts.as_object().cloned().unwrap_or_default())
}

/// A client of a tenant's account.
fn platform(scene: &Scene, tenant: &str, by_token: bool) -> anyhow::Result<ExactTarget> {
    let sockets = Sockets::new(Limits::default(), Trust::Only(Vec::new()), AddressRule::LoopbackToo)?;
    let client = Client::new("exacttarget", Arc::new(sockets), Guard::loopback(), Arc::new(scene.clock.clone()));
    let at = |path: &str| format!("{}{path}", scene.addresses.exacttarget).parse();
    let world = scene.sandbox.world();
    let account = world.exacttarget.account(tenant).context("the seeded account is not there")?;
    let sign_in = if by_token {
        SignIn::Package(Package {
            token: at("/v2/token")?,
            client_id: account.package.name.to_owned(),
            client_secret: account.package.password.into(),
            account_id: Some(account.member.into()),
        })
    } else {
        SignIn::User(ApiUser { name: account.user.name.to_owned(), password: account.user.password.into() })
    };
    let endpoint = if by_token { None } else { Some(at("/Service.asmx")?) };
    Ok(ExactTarget::new(Connection { endpoint, sign_in }, client))
}

/// A way: its name, the key of its file location, and what takes files.
type Way = (&'static str, &'static str, Box<dyn FileDrop>);

fn drops(scene: &Scene, bucket: Bucket) -> anyhow::Result<[Way; 3]> {
    let servers = scene.files.as_ref().context("the platform's file servers are not served")?;
    let (user, password) = {
        let world = scene.sandbox.world();
        let account = world.exacttarget.account(TENANT).context("the seeded account is not there")?;
        (account.member.to_string(), account.files)
    };
    let login = || Login { user: user.clone(), password: password.into() };
    let reach = || Reach::new(Guard::loopback(), AddressRule::LoopbackToo);
    let (host, folder) = ("localhost".to_owned(), "Import".to_owned());
    let ftp = Ftp {
        host: host.clone(),
        port: servers.ftp.port(),
        login: login(),
        folder: folder.clone(),
        authority: Some(servers.authority.clone()),
    };
    let sftp = Sftp { host, port: servers.sftp.port(), login: login(), host_key: servers.host_key.clone(), folder };
    Ok([
        ("ftp", seed::ENHANCED_FTP, Box::new(FtpDrop::new(ftp, reach())?)),
        ("sftp", seed::ENHANCED_FTP, Box::new(SftpDrop::new(sftp, reach())?)),
        ("bucket", seed::BUCKET, Box::new(BucketDrop::new(bucket, TENANT.parse()?, FOLDER))),
    ])
}

fn table() -> DataExtension {
    let column = |name: &str, kind, is_key| Column { name: name.to_owned(), kind, is_key, is_required: is_key };
    DataExtension {
        key: KEY.to_owned(),
        name: KEY.to_owned(),
        columns: vec![
            column("SubscriberKey", ColumnKind::Text(36), true),
            column("Email", ColumnKind::EmailAddress, false),
            column("First Name", ColumnKind::Text(50), false),
            column("Last Name", ColumnKind::Text(50), false),
        ],
        subscriber_column: Some("SubscriberKey".to_owned()),
    }
}

fn people_file(numbers: std::ops::RangeInclusive<usize>) -> Bytes {
    let rows = numbers.map(|n| format!("demo-{n},demo{n}@example.com,Demo,Person {n}\r\n"));
    rows.fold("SubscriberKey,Email,First Name,Last Name\r\n".to_owned(), |file, row| file + &row).into()
}

/// Imports a file: how many rows came in. The platform's clock is moved on, so that nobody waits for it.
async fn import(scene: &Scene, platform: &ExactTarget, file: &str, location: &str) -> anyhow::Result<usize> {
    let definition = ImportDefinition {
        key: file.to_owned(),
        name: file.to_owned(),
        destination: Destination::DataExtension(KEY.to_owned()),
        file: file.to_owned(),
        kind: FileKind::Csv,
        location: location.to_owned(),
        update: UpdateKind::AddAndUpdate,
        allows_errors: false,
    };
    let made = platform.send(&Create { objects: vec![Object::from(&definition)], upsert: false }).await?.0;
    ensure!(made.iter().all(|outcome| outcome.is_ok), "the import is refused: {made:?}");
    // The platform takes its time to find what is in its bucket.
    let started = Instant::now();
    while scene.sandbox.world().exacttarget.account(TENANT).is_none_or(|it| it.folder.size_of(file).is_none()) {
        ensure!(started.elapsed() < PATIENCE, "the file {file} did not arrive");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let task = platform.send(&Start(Object::by_key("ImportDefinition", file))).await?.task.context("no task")?;
    let ask = Retrieve::of("ImportResultsSummary", ["ImportStatus", "NumberSuccessful"])
        .only(Filter::equals("TaskResultID", task));
    loop {
        let found = platform.send(&ask).await?.results;
        match found.first().map(|summary| summary.child_text("ImportStatus")).as_deref() {
            Some("Completed") => return Ok(found[0].child_text("NumberSuccessful").parse()?),
            Some("Error") => anyhow::bail!("the import of {file} failed"),
            _ => ensure!(started.elapsed() < PATIENCE, "the import of {file} does not end"),
        }
        scene.sandbox.advance(SignedDuration::from_secs(2));
    }
}

/// Prepares a send and releases it: the job, once it is done.
async fn send(scene: &Scene, platform: &ExactTarget) -> anyhow::Result<u64> {
    let ask = Retrieve::of("DataExtension", ["ObjectID"]).only(Filter::equals("CustomerKey", KEY));
    let found = platform.send(&ask).await?.results;
    let object_id = found.first().context("the table is not found")?.child_text("ObjectID");
    let definition = EmailSendDefinition {
        key: KEY.to_owned(),
        name: KEY.to_owned(),
        classification: seed::COMMERCIAL.to_owned(),
        to: SendSource::DataExtension { object_id, list: Some(seed::PUBLICATION.into()) },
        but_not_to: Vec::new(),
        email: seed::GREETING.into(),
        subject: None,
    };
    let made = platform.send(&Create { objects: vec![Object::from(&definition)], upsert: false }).await?.0;
    ensure!(made.iter().all(|outcome| outcome.is_ok), "the send is refused: {made:?}");
    let started = platform.send(&Start(Object::by_key("EmailSendDefinition", KEY))).await?;
    let job = started.task.context("the platform names no job")?;
    let ask = Retrieve::of("Send", ["Status"]).only(Filter::equals("ID", job));
    let since = Instant::now();
    loop {
        let found = platform.send(&ask).await?.results;
        if found.first().is_some_and(|send| send.child_text("Status") == "Complete") {
            return Ok(job);
        }
        ensure!(since.elapsed() < PATIENCE, "job {job} does not end");
        scene.sandbox.advance(SignedDuration::from_secs(2));
    }
}

/// How many mails of a job lie in mailboxes, and the subject of one.
fn mails(scene: &Scene, job: u64) -> anyhow::Result<(usize, String)> {
    let world = scene.sandbox.world();
    let account = world.exacttarget.account(TENANT).context("the seeded account is not there")?;
    let job = account.job(u32::try_from(job)?).context("the job is not there")?;
    let mails: Vec<_> = job.mails(|_, _| String::new()).collect();
    let is_own = mails
        .iter()
        .all(|mail| mail.body.contains(&mail.person.address) && mail.body.contains(&mail.person.known["Last Name"]));
    ensure!(is_own, "a mail has somebody else's words");
    let last = mails.last().context("no mail was sent")?;
    let greeting = last.body.lines().next().unwrap_or_default().to_owned();
    Ok((mails.len(), format!("{} – {greeting}", last.subject)))
}

/// How many mails of a job the platform tells of, by their events.
async fn sent(scene: &Scene, platform: &ExactTarget, job: u64) -> anyhow::Result<usize> {
    // It tells of them some minutes later.
    scene.sandbox.advance(SignedDuration::from_mins(15));
    let wanted = ["SendID", "SubscriberKey", "EventDate", "EventType", "BatchID"];
    let mut pages = platform.pages(Retrieve::of("SentEvent", wanted).only(Filter::equals("SendID", job)));
    let mut count = 0;
    while let Some(page) = pages.next().await? {
        let mut events = page.events()?;
        while let Some(event) = events.next_event()? {
            ensure!(event.send == job && event.kind == EventKind::Sent, "another event: {event:?}");
            count += 1;
        }
    }
    Ok(count)
}

/// Calls to the platform, by operation.
fn calls(scene: &Scene) -> Value {
    let world = scene.sandbox.world();
    json!(world.calls().get(&Service::ExactTarget))
}
