//! The demo: a simulated CRM, SharePoint and e-mail platform, all functions, and the story chapter by chapter.

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use localhost::{
    Cloud, Instance, Scene,
    story::{Chapter, Outcome, Teller},
};

/// Starts a simulated CRM 4.0, SharePoint 2007 and e-mail platform, and all of Tieline's functions on this machine, and tells
/// the story. Without an option it then keeps running, for you to look around; Ctrl-C stops it.
#[derive(Parser)]
#[command(name = "demo", version)]
struct Order {
    /// Tell these chapters, or all, and exit: 0 only if all of it held. The last line is a JSON object.
    #[arg(long, value_name = "CHAPTER", num_args = 0.., conflicts_with = "serve")]
    headless: Option<Vec<Chapter>>,

    /// Tell nothing; keep running until stopped.
    #[arg(long)]
    serve: bool,

    /// Run the built functions on an emulator of AWS, deployed by SAM, in place of in this process.
    #[arg(long)]
    cloud: Option<Emulation>,

    /// In the chapter *send*: one send of exactly so many people, and a hundredth of them more who get none, in place of three.
    #[arg(long, value_name = "PEOPLE")]
    size: Option<usize>,

    /// Write every address and the seeded credentials to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    ports_file: Option<PathBuf>,
}

/// Which cloud.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Emulation {
    /// The emulator of AWS that `scripts/demo` installs.
    Emulator,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let order = Order::parse();
    install_logs();
    let started = Instant::now();
    // What our clients send, for somebody to hold against the vendors' schemas.
    let record = std::env::var_os("TIELINE_REQUEST_BODIES").map(PathBuf::from);
    let held = match order.cloud {
        None => {
            let instance = Instance::on_sockets(record).await?;
            let held = play(&instance, order, started.elapsed()).await;
            instance.stop().await;
            held?
        }
        Some(Emulation::Emulator) => {
            let cloud = Cloud::deploy(&checkout(), None, record).await?;
            let held = play(&cloud, order, started.elapsed()).await;
            cloud.stop().await;
            held?
        }
    };
    if !held {
        std::process::exit(1)
    }
    Ok(())
}

/// Where the template, the built functions and the emulator are.
fn checkout() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(|folder| folder.join("template.yaml").exists());
    here.map_or_else(PathBuf::new, Path::to_owned)
}

/// Does what was ordered in a running system. Whether all of it held.
async fn play(scene: &Scene, order: Order, ready: Duration) -> anyhow::Result<bool> {
    if let Some(file) = &order.ports_file {
        write_whole(file, &scene.directions().to_string())?;
    }
    let headless = order.headless.is_some();
    let mut held = true;
    if !headless {
        say(&addresses(scene, ready));
    }
    if !order.serve {
        let named = order.headless.filter(|named| !named.is_empty());
        let chapters = named.unwrap_or_else(|| Chapter::ALL.to_vec());
        for chapter in chapters {
            held &= tell(chapter, scene, headless, order.size).await;
        }
    }
    if !headless {
        say("\nRunning. Open the addresses above in a browser; Ctrl-C stops it.");
        stopped().await?;
        say("Stopping.");
    }
    Ok(held)
}

/// Tells one chapter and prints its JSON line. Whether it held.
async fn tell(chapter: Chapter, scene: &Scene, headless: bool, size: Option<usize>) -> bool {
    say(&format!("\n{}\n", chapter.title()));
    let teller = Terminal::new();
    let told = chapter.tell(scene, &teller, size).await;
    teller.bar.finish_and_clear();
    let outcome = match told {
        Ok(outcome) => outcome,
        Err(error) => {
            say(&format!("  did not hold: {error:#}"));
            let facts = serde_json::Map::from_iter([("error".to_owned(), format!("{error:#}").into())]);
            Outcome { chapter, ok: false, facts, seconds: 0.0 }
        }
    };
    if headless {
        say(&serde_json::json!(outcome).to_string());
    }
    outcome.ok
}

fn addresses(scene: &Scene, ready: Duration) -> String {
    let it = &scene.addresses;
    format!(
        "Tieline's sandbox is ready after {:.1} s.\n\n  CRM         {}/harbour/   and   {}/northwind/\n  \
         SharePoint  {}/sites/harbour   and   {}/sites/northwind\n  CRM Online  {}/lakeside/   (Live ID {})\n  \
         E-mail      {}/harbour/\n  Entra ID    {}\n  Engine      {}\n  Control     {}/control/state\n  Functions   {} (scripts/tenant list --endpoint …)",
        ready.as_secs_f64(),
        it.crm,
        it.crm,
        it.sharepoint,
        it.sharepoint,
        it.crm,
        it.live_id,
        it.exacttarget,
        it.identity,
        it.engine,
        it.crm,
        scene.functions.as_deref().unwrap_or_default()
    )
}

/// Says sentences and shows a bar while work is under way, if anybody is looking.
struct Terminal {
    bar: ProgressBar,
}

impl Terminal {
    fn new() -> Self {
        let bar = if std::io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("  [{bar:30}] {pos}/{len} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        Self { bar: bar_with(bar, style) }
    }
}

fn bar_with(bar: ProgressBar, style: ProgressStyle) -> ProgressBar {
    bar.set_style(style.progress_chars("█▉ "));
    bar
}

impl Teller for Terminal {
    fn say(&self, sentence: &str) {
        self.bar.suspend(|| say(&format!("  {sentence}")));
    }

    fn progress(&self, done: u64, all: u64, doing: &str) {
        self.bar.set_length(all);
        self.bar.set_position(done);
        self.bar.set_message(doing.to_owned());
    }
}

/// Logs go to standard error, and only when asked for: `TIELINE_LOG=info scripts/demo`.
fn install_logs() {
    let filter = std::env::var("TIELINE_LOG").unwrap_or_else(|_| "error".to_owned());
    let subscriber = platform::telemetry::subscriber(&filter, std::io::stderr);
    // Nobody else has installed one in this process.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// Until Ctrl-C, or until another program says so.
async fn stopped() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// A reader never sees half a file.
fn write_whole(file: &PathBuf, text: &str) -> anyhow::Result<()> {
    let whole = file.with_extension("part");
    std::fs::write(&whole, text).and_then(|()| std::fs::rename(&whole, file)).context("writing the ports file")
}

/// What a pipe that was closed does not hear is nobody's loss.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
