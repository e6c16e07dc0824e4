//! Addresses of a tenant that lead to where nobody outside may look: no call, whatever the spelling (A5).

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, Ipv6Addr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use e2e::{HARBOUR, World};
use localhost::Host;
use sandbox::crm::seed;
use serde_json::{Value, json};
use tenants::{Connections, Hosts, Reach, Settings, onboard};
use transport::{Answer, Back, BackError, Call};

use crate::ANNA;

/// Metadata services, this machine, private networks, and what is nobody's.
const FORBIDDEN: [&str; 12] = [
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "192.0.0.192",
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.31.4",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
];

/// Names that lead there, or would if they were asked for.
const NAMES: [&str; 14] = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "localhost.localdomain",
    "ip6-localhost",
    "metadata",
    "metadata.google.internal",
    "metadata.google.internal.",
    "instance-data.ec2.internal",
    "169.254.169.254.nip.io",
    "kubernetes.default.svc",
    "host.docker.internal",
    "crm.customer.example.evil.example",
];

/// Addresses of IPv6 that are no way to the internet.
const V6: [&str; 12] = [
    "::1",
    "::",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::a9fe:a9fe",
    "fc00::1",
    "ff02::1",
    "2001:db8::1",
    "64:ff9b:1::a9fe:a9fe",
    "100::1",
    "::ffff:0:169.254.169.254",
    "2001::a9fe:a9fe",
];

/// How one address of IPv4 can be written so that some parser or resolver still takes it for that.
fn spellings(address: Ipv4Addr) -> Vec<String> {
    let [a, b, c, d] = address.octets();
    let number = u32::from(address);
    let digits = |text: &str, zero: char| -> String {
        let shift = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(u32::from(zero) + digit)).unwrap_or(c);
        text.chars().map(shift).collect()
    };
    let dotted = address.to_string();
    let percent = dotted.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
    let (high, low) = (number >> 16, number & 0xffff);
    let v6 = |prefix: [u16; 6]| {
        let [high, low] = [high, low].map(|half| u16::try_from(half).expect("sixteen bits"));
        let mut segments = [0; 8];
        segments[..6].copy_from_slice(&prefix);
        segments[6..].copy_from_slice(&[high, low]);
        format!("[{}]", Ipv6Addr::from(segments))
    };
    vec![
        dotted.clone(),
        format!("{dotted}."),
        format!("{number}"),
        format!("{number:#x}"),
        format!("{number:#X}").replace("0X", "0x"),
        format!("0{number:o}"),
        format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a:#x}.0{b:o}.{c}.{d}"),
        format!("{a}.{b}.{}", number & 0xffff),
        format!("{a}.{}", number & 0x00ff_ffff),
        format!("{a:#x}.{:#x}", number & 0x00ff_ffff),
        format!("0x000000{a:x}.{b}.{c}.{d}"),
        dotted.replace('.', "\u{3002}"),
        dotted.replace('.', "\u{ff0e}"),
        dotted.replace('.', "%2e"),
        digits(&dotted, '\u{ff10}'),
        digits(&dotted, '\u{1d7ce}'),
        percent,
        v6([0, 0, 0, 0, 0, 0xffff]),
        format!("[::ffff:{dotted}]"),
        format!("[0:0:0:0:0:ffff:{high:x}:{low:x}]"),
        v6([0x64, 0xff9b, 0, 0, 0, 0]),
        format!("[2002:{high:x}:{low:x}::1]"),
        format!("[::{high:x}:{low:x}]"),
    ]
}

/// All hosts in all places of an address.
fn addresses() -> BTreeSet<String> {
    let mut hosts: Vec<String> = Vec::new();
    for address in FORBIDDEN {
        hosts.extend(spellings(address.parse().expect("an address")));
    }
    hosts.extend(NAMES.map(ToOwned::to_owned));
    hosts.extend(V6.map(|address| format!("[{address}]")));
    let mut all: BTreeSet<String> = hosts.iter().map(|host| format!("https://{host}/x/service.asmx")).collect();
    for host in ["169.254.169.254", "127.0.0.1", "localhost", "[::1]"] {
        all.extend([
            format!("http://{host}/"),
            format!("http://{host}:80/latest/meta-data/"),
            format!("https://{host}:8443/"),
            format!("https://crm.customer.example@{host}/"),
            format!("https://crm.customer.example:443@{host}/"),
            format!("https://{host}\\@crm.customer.example:444/"),
            format!("https://{host}#@crm.customer.example/"),
            format!("https:\\\\{host}\\"),
            format!("HTTPS://{host}/"),
            format!("https:///{host}/"),
            format!("ftp://{host}/"),
            format!("gopher://{host}/_GET"),
            format!("file://{host}/etc/passwd"),
        ]);
    }
    all
}

/// Sends nothing and counts what it should have sent.
#[derive(Default)]
struct Counting(AtomicU64);

#[async_trait]
impl Back for Counting {
    async fn send(&self, _: &Call) -> Result<Answer, BackError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err(BackError::refused_connection())
    }
}

/// The functions of a world as they are deployed: public hosts only. Their calls are counted.
fn deployed(world: &World) -> (Host, Arc<Counting>) {
    let (back, platform) = (Arc::new(Counting::default()), world.instance.host.memory().platform());
    let host = world.instance.functions_over(&platform, back.clone(), Reach::Public).expect("all functions");
    (host, back)
}

fn order(tenant: &str) -> Value {
    json!({
        "tenant": tenant,
        "name": "Customer",
        "origins": ["https://crm.customer.example"],
        "hosts": { "crm": ["customer.example"], "sharepoint": ["customer.example"] },
        "crm_web": "https://crm.customer.example/",
        "logins": "login",
        "connections": {
            "crm": { "discovery": "https://crm.customer.example/d.asmx", "organization": "o", "user": "u", "password": "p" },
            "sharepoint": {
                "parent": "https://sites.customer.example/sites/x",
                "sign_in": { "basic": { "user": "u", "password": "p" } },
            },
        },
    })
}

/// At the door: neither as an address of a connection nor as a host of its list.
#[tokio::test]
async fn an_address_that_leads_inside_is_refused_when_it_is_typed() {
    let world = World::start().await;
    let (host, back) = deployed(&world);
    let all = addresses();
    assert!(all.len() >= 300, "only {} spellings", all.len());
    let good = host.call("manage-tenant", json!({ "add": order("good") })).await.expect("an answer");
    assert_eq!(good["added"], "good", "{good}");
    for address in &all {
        let mut order = order("bad");
        order["connections"]["crm"]["discovery"] = json!(address);
        order["connections"]["sharepoint"]["parent"] = json!(address);
        let answer = host.call("manage-tenant", json!({ "add": order })).await.expect("an answer");
        let fields: Vec<&str> = answer["error"]["mistakes"]
            .as_array()
            .unwrap_or_else(|| panic!("{address}: {answer}"))
            .iter()
            .filter_map(|it| it["field"].as_str())
            .collect();
        assert_eq!(fields, ["connections.crm.discovery", "connections.sharepoint.parent"], "{address}: {answer}");
        let connection = json!({ "discovery": address, "organization": "o", "user": "u", "password": "p" });
        let rotate = json!({ "rotate": { "tenant": "good", "service": "crm", "connection": connection } });
        let answer = host.call("manage-tenant", rotate).await.expect("an answer");
        assert_eq!(answer["error"]["mistakes"][0]["field"], "connection.discovery", "{address}: {answer}");
    }
    for host_of_list in FORBIDDEN
        .into_iter()
        .flat_map(|it| spellings(it.parse().expect("an address")))
        .chain(V6.map(|it| format!("[{it}]")))
    {
        let mut order = order("bad");
        order["hosts"]["crm"] = json!([host_of_list]);
        let answer = host.call("manage-tenant", json!({ "add": order })).await.expect("an answer");
        assert_eq!(answer["error"]["mistakes"][0]["field"], "hosts.crm[0]", "{host_of_list}: {answer}");
    }
    assert_eq!(back.0.load(Ordering::SeqCst), 0, "a call went out");
}

/// Behind the door: somebody changed the secret in the store. A press, a build, a sweep and a check call nobody.
#[tokio::test(start_paused = true)]
async fn an_address_that_leads_inside_is_not_called_when_it_is_stored() {
    let world = World::start().await;
    let (tenant, memory) = (World::tenant(HARBOUR), world.instance.host.memory().clone());
    let ledger = &world.instance.deps.platform.ledger;
    let inside = Settings::read(ledger, &tenant).await.expect("the ledger").expect("seeded");
    let customer = Hosts {
        crm: vec!["customer.example".to_owned()],
        sharepoint: vec!["customer.example".to_owned()],
        ..Hosts::default()
    };
    let outside = Settings { hosts: customer, ..inside.clone() };
    let mut built = 0;
    for address in &addresses() {
        // The press comes by way of the sandbox, so that there is something to build.
        let (crm, sharepoint) = (world.instance.crm_secret(&tenant), world.instance.sharepoint_secret(&tenant));
        memory.put_secret(&tenant, "crm", &crm);
        onboard(ledger, &tenant, &inside).await.expect("the ledger");
        world.instance.deps.connections.forget(&tenant, "crm").await;
        let heard = world.press(HARBOUR, ANNA, seed::account(1)).await;
        assert_eq!(heard.status, 202, "{address}: {heard:?}");

        let (mut crm, mut sharepoint) = (crm, sharepoint);
        crm["discovery"] = json!(address);
        sharepoint["parent"] = json!(address);
        memory.put_secret(&tenant, "crm", &crm);
        memory.put_secret(&tenant, "sharepoint", &sharepoint);
        onboard(ledger, &tenant, &outside).await.expect("the ledger");
        // A process that has fetched nothing yet.
        let (host, back) = deployed(&world);
        host.drain().await;
        let state = &world.status(&heard.link()).await["state"];
        assert_eq!(state, "refused", "{address}");
        let request = world.request(HARBOUR, ANNA, seed::account(5));
        let body = json!({ "tenant": HARBOUR, "request": request }).to_string();
        let call = http::Request::post("/v1/presses").body(body.into()).expect("a request");
        assert_eq!(host.http(call).await.status().as_u16() / 100, 5, "{address}");
        host.fire("request-sweep").await;
        let report = host.call("manage-tenant", json!({ "check": { "tenant": HARBOUR } })).await.expect("an answer");
        for service in ["crm", "sharepoint"] {
            let failed = report["findings"]
                .as_array()
                .expect("a report")
                .iter()
                .find(|it| it["service"] == service && it["ok"] == false);
            let what = failed.map(|it| it["what"].as_str().unwrap_or_default());
            assert!(matches!(what, Some("address" | "secret")), "{address}: {report}");
        }
        assert_eq!(back.0.load(Ordering::SeqCst), 0, "{address} was called");
        built += 1;
    }
    assert!(built >= 300);
}

/// A name on the list that leads inside when it is asked for is the sockets' matter (`transport::resolver`): what the
/// engine makes of it is told here.
#[tokio::test(start_paused = true)]
async fn a_listed_name_that_resolves_to_a_forbidden_address_is_told_by_the_check() {
    struct Turned;
    #[async_trait]
    impl Back for Turned {
        async fn send(&self, _: &Call) -> Result<Answer, BackError> {
            Err(BackError::Refused(transport::GuardError::NotPublic))
        }
    }
    let world = World::start().await;
    let platform = world.instance.host.memory().platform();
    let connections = Arc::new(Connections::new(&platform, Arc::new(Turned), Reach::Public));
    let deps = tenancy::Deps { platform: platform.clone(), connections };
    let invocation = || platform::Invocation { request_id: "r".to_owned(), deadline: platform::Timestamp::MAX };
    tenancy::handle(&deps, json!({ "add": order("good") }), invocation()).await.expect("it is right");
    let report =
        tenancy::handle(&deps, json!({ "check": { "tenant": "good" } }), invocation()).await.expect("a report");
    for service in ["crm", "sharepoint"] {
        let failed = report["findings"]
            .as_array()
            .expect("a report")
            .iter()
            .find(|it| it["service"] == service && it["ok"] == false);
        let failed = failed.unwrap_or_else(|| panic!("{report}"));
        assert_eq!(
            (&failed["what"], failed["problem"].as_str().is_some_and(|it| it.contains("not public"))),
            (&json!("address"), true),
            "{failed}"
        );
    }
}
