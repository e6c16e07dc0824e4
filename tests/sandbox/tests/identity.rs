//! The simulated Entra ID: documents, tokens and errors as the real one's clients meet them.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use domain::{Clock as _, SignedDuration, VirtualClock};
use http::Request;
use sandbox::{
    Addresses, Fault, Sandbox, Service, Switch, Times, World,
    identity::seed::{ACCOUNTS, AUDIENCE, Account, CONSOLE, PARTNER, directory_of},
};
use serde_json::{Value, json};

fn sandbox() -> Sandbox {
    let clock = VirtualClock::at("2026-06-01T08:00:00Z".parse().expect("an instant"));
    let addresses = Addresses::by_name(|name| format!("http://{name}.test"));
    let world = World::seeded(&addresses, clock.now());
    Sandbox::with_virtual_clock(world, clock)
}

fn answer(sandbox: &Sandbox, request: http::request::Builder, body: String) -> (u16, Value) {
    let request = request.body(Bytes::from(body)).expect("a request");
    let response = sandbox.handle(Service::Identity, &request).expect("an answer");
    (response.status().as_u16(), serde_json::from_slice(response.body()).expect("JSON"))
}

fn get(sandbox: &Sandbox, path: &str) -> (u16, Value) {
    answer(sandbox, Request::get(path), String::new())
}

fn sign_in(sandbox: &Sandbox, directory: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    answer(sandbox, Request::post(format!("/{directory}/oauth2/v2.0/token")), body)
}

fn as_themselves(sandbox: &Sandbox, account: &Account) -> (u16, Value) {
    let directory = directory_of(account.owner).expect("seeded").id;
    let scope = format!("{AUDIENCE}/.default");
    let form = if account.is_program {
        vec![
            ("grant_type", "client_credentials"),
            ("client_id", account.name),
            ("client_secret", account.secret),
            ("scope", &*scope),
        ]
    } else {
        vec![
            ("grant_type", "password"),
            ("client_id", CONSOLE),
            ("username", account.name),
            ("password", account.secret),
            ("scope", &*scope),
        ]
    };
    sign_in(sandbox, directory, &form)
}

fn decoded(part: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url")
}

/// By OpenID Connect Discovery 1.0: from the issuer to its keys, and to the token's signature.
#[test]
fn every_seeded_operator_gets_a_token_that_its_directorys_keys_verify() {
    let sandbox = sandbox();
    for account in ACCOUNTS {
        let directory = directory_of(account.owner).expect("seeded").id;
        let (status, granted) = as_themselves(&sandbox, account);
        assert_eq!((status, &granted["token_type"]), (200, &"Bearer".into()), "{granted}");
        let token = granted["access_token"].as_str().expect("a token");
        let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
        let (_, configuration) = get(&sandbox, &format!("/{directory}/v2.0/.well-known/openid-configuration"));
        let read = |part: &str| serde_json::from_slice::<Value>(&decoded(part)).expect("JSON");
        let (header_read, claims_read) = (read(header), read(claims));
        assert_eq!(claims_read["iss"], configuration["issuer"]);
        assert_eq!(configuration["issuer"], format!("http://identity.test/{directory}/v2.0"));
        let uri = configuration["jwks_uri"].as_str().expect("an address");
        let (_, keys) = get(&sandbox, uri.trim_start_matches("http://identity.test"));
        let all = keys["keys"].as_array().expect("keys");
        let key = all.iter().find(|key| key["kid"] == header_read["kid"]).expect("the key is published");
        assert_eq!((&header_read["alg"], &key["kty"], &key["use"]), (&"RS256".into(), &"RSA".into(), &"sig".into()));
        let part = |name: &str| decoded(key[name].as_str().expect("a number"));
        RsaPublicKeyComponents { n: part("n"), e: part("e") }
            .verify(&RSA_PKCS1_2048_8192_SHA256, format!("{header}.{claims}").as_bytes(), &decoded(signature))
            .expect("the signature is the key's");
        let now = sandbox.now().as_second();
        assert_eq!(claims_read["tid"], directory);
        assert_eq!(claims_read["ver"], "2.0");
        assert_eq!(claims_read.get("roles").cloned().unwrap_or_else(|| json!([])), json!(account.roles));
        assert!(claims_read["nbf"].as_i64() <= Some(now) && claims_read["exp"].as_i64() > Some(now + 3_000));
    }
}

/// With the numbers of Microsoft's own list.
#[test]
fn a_sign_in_that_is_wrong_is_refused_with_its_number() {
    let sandbox = sandbox();
    let scope = format!("{AUDIENCE}/.default");
    let password = |user: &'static str, password: &'static str| {
        vec![
            ("grant_type", "password"),
            ("client_id", CONSOLE),
            ("username", user),
            ("password", password),
            ("scope", &*scope),
        ]
    };
    let program = |id: &'static str, secret: &'static str| {
        vec![("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret), ("scope", &*scope)]
    };
    let (olga, known) = ("olga.brandt@partner.example", "6c5b4a39-2817-4605-94f3-e2d1c0bfae9d");
    for (directory, form, status, error, code) in [
        (PARTNER.id, password(olga, "wrong"), 400, "invalid_grant", 50_126),
        (
            PARTNER.id,
            password("harry.lund@harbour.example", "sandbox-harbour-operator-1"),
            400,
            "invalid_grant",
            50_126,
        ),
        (PARTNER.id, program(known, "wrong"), 401, "invalid_client", 7_000_215),
        (PARTNER.id, program(CONSOLE, ""), 400, "unauthorized_client", 700_016),
        (PARTNER.id, vec![("grant_type", "password"), ("client_id", known)], 400, "unauthorized_client", 700_016),
        (PARTNER.id, vec![("grant_type", "implicit")], 400, "unsupported_grant_type", 70_003),
        (PARTNER.id, vec![], 400, "invalid_request", 900_144),
        (PARTNER.id, password(olga, "sandbox-partner-1")[..4].to_vec(), 400, "invalid_scope", 70_011),
        ("00000000-0000-0000-0000-000000000000", password(olga, "x"), 400, "invalid_tenant", 90_002),
    ] {
        let (got, body) = sign_in(&sandbox, directory, &form);
        assert_eq!((got, &body["error"], &body["error_codes"]), (status, &error.into(), &json!([code])), "{form:?}");
        assert!(body["error_description"].as_str().is_some_and(|text| text.starts_with(&format!("AADSTS{code}: "))));
        assert!(!body.to_string().contains("access_token"));
    }
}

/// Two keys are published: the one that signs and the one before.
#[test]
fn keys_are_rotated_on_request() {
    let sandbox = sandbox();
    let published = || -> Vec<String> {
        let (_, keys) = get(&sandbox, &format!("/{}/discovery/v2.0/keys", PARTNER.id));
        let ids = keys["keys"].as_array().expect("keys").iter();
        ids.map(|key| key["kid"].as_str().expect("an id").to_owned()).collect()
    };
    let first = published();
    sandbox.world().identity.rotate_keys();
    let second = published();
    sandbox.world().identity.rotate_keys();
    let third = published();
    assert_eq!((first.len(), second.len(), third.len()), (1, 2, 2));
    assert!(second.contains(&first[0]) && !third.contains(&first[0]) && third.contains(&second[1]));
}

#[test]
fn it_can_misbehave_like_the_other_services() {
    let sandbox = sandbox();
    let fault = Fault::Throttle { status: 429, retry_after: Some(7) };
    let operation = Some("Keys".to_owned());
    sandbox.world().faults.set(Switch { service: Service::Identity, operation, fault, times: Times::Next(1) });
    let path = format!("/{}/discovery/v2.0/keys", PARTNER.id);
    let ask = || {
        sandbox
            .handle(Service::Identity, &Request::get(&*path).body(Bytes::new()).expect("a request"))
            .expect("an answer")
    };
    let (first, second) = (ask(), ask());
    assert_eq!(
        (first.status().as_u16(), &first.headers()["retry-after"], second.status().as_u16()),
        (429, &"7".parse().expect("text"), 200)
    );
    sandbox.advance(SignedDuration::from_secs(1));
    assert_eq!(sandbox.world().calls()[&Service::Identity]["Keys"], 2);
}
