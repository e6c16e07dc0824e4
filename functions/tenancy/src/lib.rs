//! Customers after deployment: added, checked, switched on and off, their secrets rotated.
//!
//! Never shows a secret: they go in, and only what is missing of them comes out. A check asks and changes nothing.
//! Start at [`handle`].

mod add;
mod alone;
mod check;
mod deps;
mod input;
mod list;
mod order;
mod refusal;
mod rotate;

use platform::Invocation;
use serde_json::{Value, json};

pub use self::{
    check::{Finding, Report},
    deps::Deps,
    refusal::{Mistake, Refusal},
};
use self::{input::Inbox, order::Order};

/// Carries out what an operator's program asks for: an object with one field, which names the order.
///
/// | order | says | answers |
/// |---|---|---|
/// | `add` | everything about a tenant (`infra/tenants/example.json`, `example-online.json`); with `"replace": true` also of one that is there | `{"added"}` or `{"replaced"}` |
/// | `check` | `{"tenant"}` | [`Report`]: what was looked at, and exactly what is missing |
/// | `disable`, `enable` | `{"tenant"}` | whether it was active before |
/// | `rotate` | `{"tenant", "service"}` and a new `password` of the user, or a whole new `connection` | `{"rotated"}` |
/// | `list` | `{}` | every tenant, and whether it is active |
/// | `show` | `{"tenant"}` | its settings, and of its connections what is no secret |
pub async fn handle(deps: &Deps, event: Value, invocation: Invocation) -> Result<Value, Refusal> {
    let inbox = Inbox::default();
    let order = Order::read(&inbox, &event, deps.reach());
    let Some(order) = inbox.empty(order)? else { return Err(Refusal::order()) };
    if let Some(tenant) = order.tenant() {
        platform::telemetry::tenant(tenant);
    }
    match order {
        Order::Add(new) => add::add(deps, *new, &invocation).await,
        Order::Check(tenant) => Ok(json!(check::check(deps, &tenant, invocation.deadline).await?)),
        Order::Switch(tenant, active) => list::switch(deps, &tenant, active).await,
        Order::Rotate(tenant, service, renewal) => rotate::rotate(deps, &tenant, service, renewal, &invocation).await,
        Order::List => list::list(deps).await,
        Order::Show(tenant) => list::show(deps, &tenant).await,
    }
}
