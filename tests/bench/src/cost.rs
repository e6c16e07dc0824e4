//! What a site asks of AWS, and what a thousand sites cost at public prices.

use std::{io::Write, path::Path};

use localhost::{AwsCall, Cloud, story::Chapter};

use crate::Nobody;

/// Public on-demand prices of eu-central-1 in US dollars, without free tiers, as known in early 2026. They change:
/// look them up before they are quoted.
mod price {
    /// Lambda, arm64: a GB-second, and a million requests.
    pub(super) const GB_SECOND: f64 = 0.000_013_333_4;
    pub(super) const INVOCATIONS: f64 = 0.20;
    /// API Gateway, HTTP API: a million requests.
    pub(super) const API: f64 = 1.20;
    /// DynamoDB on demand: a million units of writing and of reading.
    pub(super) const WRITES: f64 = 0.762_5;
    pub(super) const READS: f64 = 0.152_5;
    /// SQS, standard: a million requests.
    pub(super) const SQS: f64 = 0.40;
    /// Secrets Manager: ten thousand calls.
    pub(super) const SECRETS: f64 = 0.05;
    /// CloudWatch Logs: a GB taken in.
    pub(super) const LOGS: f64 = 0.63;
}

/// What was not measured, and is therefore assumed.
mod assumed {
    /// Seconds that one call to a tenant's CRM or SharePoint takes: a slow one on a customer's own premises.
    pub(super) const CALL: f64 = 0.5;
    /// Seconds of a function's own work for one site; on the sandbox all of it takes about one.
    pub(super) const OWN: f64 = 2.0;
    /// Looks at the status page until a site is ready, each a tenth of a second of a function.
    pub(super) const LOOKS: f64 = 30.0;
    pub(super) const LOOK: f64 = 0.1;
    /// Memory of a function in GB, as the template has it.
    pub(super) const MEMORY: f64 = 0.25;
    /// KB of log for a site, with its looks.
    pub(super) const LOG: f64 = 60.0;
    /// A row is read consistently (a unit for each 4 KB) and written in transactions (two units for each KB of every
    /// row): a site's row has about 3 KB in the end.
    pub(super) const READ_UNITS: f64 = 1.0;
    pub(super) const PUT_UNITS: f64 = 3.0;
    pub(super) const CHECK_UNITS: f64 = 2.0;
    /// An index entry for each write of a row that waits.
    pub(super) const INDEX_UNITS: f64 = 1.0;
    /// Reads a second while a site is made: the budget and settings of each of two services, every two seconds.
    pub(super) const READS_A_SECOND: f64 = 2.0;
    /// Requests of the queue's poller for a message: to receive and to delete it.
    pub(super) const POLLS: f64 = 2.0;
}

const SITES: f64 = 1000.0;

pub(crate) async fn measure(out: &mut impl Write, root: &Path) -> anyhow::Result<()> {
    let cloud = Cloud::deploy(root, None, None).await?;
    cloud.recorder.forget();
    let told = Chapter::Site.tell(&cloud, &Nobody, None).await?;
    anyhow::ensure!(told.ok, "the chapter did not hold");
    let calls: Vec<AwsCall> = cloud.recorder.calls().into_iter().filter(|call| call.function == "build-site").collect();
    let upstream = &told.facts["upstream_calls"];
    cloud.stop().await;
    let upstream = ["crm", "sharepoint"].iter().filter_map(|service| upstream[*service].as_f64()).sum::<f64>();
    writeln!(out, "press to ready site on the emulator, cold functions: {} s", told.facts["seconds_to_ready"])?;
    writeln!(out, "calls to CRM and SharePoint for a press and its site: {upstream}")?;
    let count = |operation: &str| calls.iter().filter(|call| call.operation == operation).map(|_| 1.0).sum::<f64>();
    let (reads, puts) = (count("GetItem"), count("PutItem"));
    let (transactions, secrets) = (count("TransactWriteItems"), count("GetSecretValue"));
    writeln!(
        out,
        "requests of build-site to AWS: {} ({reads} reads, {puts} writes, {transactions} transactions, {secrets} secrets)",
        calls.len()
    )?;
    bill(out, upstream, [reads, puts, transactions, secrets])
}

fn bill(out: &mut impl Write, upstream: f64, [reads, puts, transactions, secrets]: [f64; 4]) -> anyhow::Result<()> {
    let seconds = upstream * assumed::CALL + assumed::OWN + assumed::LOOKS * assumed::LOOK;
    // The press itself: three reads and one transaction of two rows (tests/localhost counts them); a look at the status
    // page: two reads; and what a real site's length adds to the emulator's.
    let again = upstream * assumed::CALL * assumed::READS_A_SECOND;
    let read_units = (reads + 3.0 + again + assumed::LOOKS * 2.0) * assumed::READ_UNITS;
    let write_units =
        puts + transactions * (2.0 * assumed::PUT_UNITS + assumed::CHECK_UNITS + assumed::INDEX_UNITS) + 4.0;
    let requests = assumed::LOOKS + 1.0;
    let million = 1_000_000.0;
    let lines = [
        (format!("Lambda: {seconds:.0} s of {} GB", assumed::MEMORY), seconds * assumed::MEMORY * price::GB_SECOND),
        (format!("Lambda: {} invocations", requests + 1.0), (requests + 1.0) * price::INVOCATIONS / million),
        (format!("API Gateway: {requests} requests"), requests * price::API / million),
        (format!("DynamoDB: {read_units:.0} read units"), read_units * price::READS / million),
        (format!("DynamoDB: {write_units:.0} write units"), write_units * price::WRITES / million),
        (format!("SQS: {} requests", 1.0 + assumed::POLLS), (1.0 + assumed::POLLS) * price::SQS / million),
        (
            format!("Secrets Manager: {} calls, if every process is cold", secrets + 1.0),
            (secrets + 1.0) * price::SECRETS / 10_000.0,
        ),
        (format!("CloudWatch Logs: {} KB", assumed::LOG), assumed::LOG * price::LOGS / million),
    ];
    writeln!(out, "\n{:<52}{:>14}{:>16}", "for one site", "US dollars", "1,000 sites")?;
    for (line, dollars) in &lines {
        writeln!(out, "{line:<52}{dollars:>14.9}{:>16.4}", dollars * SITES)?;
    }
    let sum: f64 = lines.iter().map(|(_, dollars)| dollars).sum();
    writeln!(out, "{:<52}{sum:>14.9}{:>16.4}", "together", sum * SITES)?;
    writeln!(
        out,
        "assumed: {} s for a call to a tenant's system, {} looks at the status page",
        assumed::CALL,
        assumed::LOOKS
    )?;
    Ok(())
}
