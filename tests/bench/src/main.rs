//! Figures: how soon the system is ready, how long a press takes to become a site, what it costs in calls.
//!
//! Each round is a fresh system over sockets on loopback. Medians are printed; what else ran on the machine is the
//! reader's to know. How fast XML is read: `cargo bench -p soap`.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use clap::Parser;
use localhost::{
    Instance,
    story::{Chapter, Teller},
};

/// Measures start, press to ready site and calls, and prints medians.
#[derive(Parser)]
struct Order {
    /// How many rounds.
    #[arg(long, default_value_t = 11)]
    rounds: usize,
}

struct Nobody;

impl Teller for Nobody {
    fn say(&self, _: &str) {}
    fn progress(&self, _: u64, _: u64, _: &str) {}
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let order = Order::parse();
    let (mut ready, mut site) = (Vec::new(), Vec::new());
    let mut calls = serde_json::Value::Null;
    for _ in 0..order.rounds.max(1) {
        let started = Instant::now();
        let instance = Instance::on_sockets(None).await?;
        ready.push(started.elapsed());
        let told = Chapter::Site.tell(&instance, &Nobody).await?;
        anyhow::ensure!(told.ok, "the chapter did not hold");
        site.push(Duration::from_secs_f64(told.facts["seconds_to_ready"].as_f64().unwrap_or_default()));
        calls = told.facts["upstream_calls"].clone();
        instance.stop().await;
    }
    let mut out = std::io::stdout();
    writeln!(out, "{:<28}{:>10}{:>10}{:>10}", "", "min", "median", "max")?;
    line(&mut out, "system ready, ms", &mut ready)?;
    line(&mut out, "press to ready site, ms", &mut site)?;
    writeln!(out, "{:<28}{calls}", "calls for an account site")?;
    Ok(())
}

fn line(out: &mut impl Write, name: &str, times: &mut [Duration]) -> anyhow::Result<()> {
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let (min, median, max) = (ms(times[0]), ms(times[times.len() / 2]), ms(times[times.len() - 1]));
    writeln!(out, "{name:<28}{min:>10.1}{median:>10.1}{max:>10.1}")?;
    Ok(())
}
