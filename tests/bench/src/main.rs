//! Figures: how soon the system is ready, how long a press takes to become a site, what it costs in calls and money,
//! how a built function starts.
//!
//! Each round is a fresh system over sockets on loopback. Medians are printed; what else ran on the machine is the
//! reader's to know. How fast XML is read: `cargo bench -p soap`; how long a hostile document holds a reader: `hostile`'s.

mod cold;
mod cost;

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::{Parser, ValueEnum};
use localhost::{
    Instance,
    story::{Chapter, Teller},
};

/// Measures, and prints medians.
#[derive(Parser)]
struct Order {
    /// What to measure.
    #[arg(default_value = "press")]
    what: What,

    /// How many rounds.
    #[arg(long, default_value_t = 11)]
    rounds: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// Start, press to ready site, and calls, in this process.
    Press,
    /// How the built functions start: time, memory, size.
    Cold,
    /// What a site asks of AWS on the emulator, and what 1,000 sites cost.
    Cost,
}

struct Nobody;

impl Teller for Nobody {
    fn say(&self, _: &str) {}
    fn progress(&self, _: u64, _: u64, _: &str) {}
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let order = Order::parse();
    let (mut out, root) = (std::io::stdout(), checkout());
    match order.what {
        What::Press => press(&mut out, order.rounds).await,
        What::Cold => cold::measure(&mut out, &root, order.rounds).await,
        What::Cost => cost::measure(&mut out, &root).await,
    }
}

/// Where the template and the built functions are.
fn checkout() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(|folder| folder.join("template.yaml").exists());
    here.map_or_else(PathBuf::new, Path::to_owned)
}

async fn press(out: &mut impl Write, rounds: usize) -> anyhow::Result<()> {
    let (mut ready, mut site) = (Vec::new(), Vec::new());
    let mut calls = serde_json::Value::Null;
    for _ in 0..rounds.max(1) {
        let started = Instant::now();
        let instance = Instance::on_sockets(None).await?;
        ready.push(started.elapsed());
        let told = Chapter::Site.tell(&instance, &Nobody, None).await?;
        anyhow::ensure!(told.ok, "the chapter did not hold");
        site.push(Duration::from_secs_f64(told.facts["seconds_to_ready"].as_f64().unwrap_or_default()));
        calls = told.facts["upstream_calls"].clone();
        instance.stop().await;
    }
    writeln!(out, "{:<28}{:>10}{:>10}{:>10}", "", "min", "median", "max")?;
    line(out, "system ready, ms", &mut ready)?;
    line(out, "press to ready site, ms", &mut site)?;
    writeln!(out, "{:<28}{calls}", "calls for an account site")?;
    Ok(())
}

fn line(out: &mut impl Write, name: &str, times: &mut [Duration]) -> anyhow::Result<()> {
    let [min, median, max] = cold::spread(times)?;
    writeln!(out, "{name:<28}{min:>10.1}{median:>10.1}{max:>10.1}")?;
    Ok(())
}
