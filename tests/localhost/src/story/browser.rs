//! A person at a browser, as far as the story needs one: cookies, forms, JSON.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context, ensure};
use domain::SystemClock;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use transport::{AddressRule, Answer, Call, Client, Guard, Limits, Sockets, Trust};
use url::Url;

/// One person's browser.
pub(super) struct Browser {
    client: Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(super) fn open() -> anyhow::Result<Self> {
        let sockets = Sockets::new(Limits::default(), Trust::Only(Vec::new()), AddressRule::LoopbackToo)?;
        let client = Client::new("browser", Arc::new(sockets), Guard::loopback(), Arc::new(SystemClock));
        Ok(Self { client, cookies: BTreeMap::new() })
    }

    /// A page, redirects followed on the way.
    pub(super) async fn get(&mut self, address: &str) -> anyhow::Result<Answer> {
        let mut url = Url::parse(address)?;
        for _ in 0..5 {
            let answer = self.send(Call::get(url.clone(), "GET")).await?;
            match answer.location().filter(|_| answer.is_redirect()) {
                Some(location) => url = url.join(location)?,
                None => return Ok(answer),
            }
        }
        anyhow::bail!("{address} redirects without end")
    }

    /// A page's text, which must be there.
    pub(super) async fn read(&mut self, address: &str) -> anyhow::Result<String> {
        let answer = self.get(address).await?;
        ensure!(answer.status == StatusCode::OK, "{address} answers {}", answer.status);
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }

    /// A JSON form of a page.
    pub(super) async fn read_json(&mut self, address: &str) -> anyhow::Result<serde_json::Value> {
        let call = Call::get(Url::parse(address)?, "GET");
        let answer = self.send(with(call, header::ACCEPT, "application/json")?).await?;
        serde_json::from_slice(&answer.body).with_context(|| format!("{address} answers {}, no JSON", answer.status))
    }

    /// A form that is sent.
    pub(super) async fn submit(&mut self, address: &str, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let call = Call::post(Url::parse(address)?, "POST", body);
        self.send(with(call, header::CONTENT_TYPE, "application/x-www-form-urlencoded")?).await
    }

    /// What a page's script sends: JSON, with the page's origin.
    pub(super) async fn post_json(
        &mut self,
        address: &str,
        origin: &str,
        body: &serde_json::Value,
    ) -> anyhow::Result<Answer> {
        let call = Call::post(Url::parse(address)?, "POST", body.to_string());
        let call = with(with(call, header::CONTENT_TYPE, "application/json")?, header::ORIGIN, origin)?;
        self.send(call).await
    }

    async fn send(&mut self, mut call: Call) -> anyhow::Result<Answer> {
        let is_get = call.method == Method::GET;
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            call = with(call, header::COOKIE, &cookies.join("; "))?;
        }
        let answer = self.client.send(if is_get { call.repeatable() } else { call }).await?;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }
}

fn with(call: Call, name: HeaderName, value: &str) -> anyhow::Result<Call> {
    Ok(call.header(name, HeaderValue::from_str(value)?))
}
