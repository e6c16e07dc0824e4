//! Runs fault histories and says what they were like.

use std::{process::ExitCode, time::Instant};

use clap::{Parser, ValueEnum as _};
use faults::{Planted, Script, Series, Subject};
use indicatif::{ProgressBar, ProgressStyle};

/// Fault histories: a press ends in the same site, and a send reaches everybody once, whatever goes wrong on the way.
#[derive(Parser)]
struct Arguments {
    /// What the histories are of.
    #[arg(long, default_value = "sites")]
    of: Subject,
    /// How many random histories.
    #[arg(long, default_value_t = 20_000)]
    histories: u64,
    /// The first one's seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads; every core has one if this is not given.
    #[arg(long)]
    jobs: Option<u32>,
    /// Plants a mistake: it is success if a history catches it, and failure if none does.
    #[arg(long, conflicts_with = "pairs")]
    planted: Option<Planted>,
    /// Runs one history by its script, or by its seed, and tells it call by call.
    #[arg(long)]
    replay: Option<String>,
    /// Instead of random ones: every death of a delivery, then every pair of deaths.
    #[arg(long)]
    pairs: bool,
    /// Of the second deaths of pairs, every so-manieth.
    #[arg(long, default_value_t = 1)]
    stride: u32,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let jobs = arguments.jobs.unwrap_or_else(|| {
        std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1))
    });
    let all_well = match &arguments.replay {
        Some(replay) => tell(replay, arguments.of, arguments.planted)?,
        None => many(&arguments, jobs)?,
    };
    let success = match arguments.planted {
        None => all_well,
        Some(planted) => {
            let told = if all_well { "is not caught: every history ended well" } else { "is caught" };
            say(&format!("the planted mistake {} {told}", name(planted)));
            !all_well
        }
    };
    Ok(if success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Random histories, or all deaths; whether all ended well.
fn many(arguments: &Arguments, jobs: u32) -> anyhow::Result<bool> {
    let seeds = arguments.seed..arguments.seed.saturating_add(arguments.histories);
    let series = Series { of: arguments.of, seeds, jobs, planted: arguments.planted };
    let bar = if arguments.pairs { ProgressBar::no_length() } else { ProgressBar::new(arguments.histories) };
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} histories, {per_sec}, {elapsed}")?);
    let began = Instant::now();
    if arguments.pairs { explored(&series, arguments.stride, &bar, began) } else { random(&series, &bar, began) }
}

fn random(series: &Series, bar: &ProgressBar, began: Instant) -> anyhow::Result<bool> {
    let summary = series.run(&|count| bar.inc(count))?;
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    say(&format!(
        "{} histories in {seconds:.1} s, {:.0}/s; {} calls",
        summary.histories,
        rate(summary.histories, seconds),
        summary.calls
    ));
    say(&format!("longest recovery: {} minutes (seed {})", summary.longest.0, summary.longest.1));
    for (kind, count) in &summary.met {
        say(&format!("{count:>9}  {kind}"));
    }
    let Some(failed) = &summary.failed else { return Ok(true) };
    say(&format!("seed {} fails: {}", failed.seed, failed.script));
    say(&format!("{}", failed.violation));
    let planted = series.planted.map(|planted| format!(" --planted {}", name(planted)));
    say(&format!(
        "again: scripts/faults --of {}{} --replay '{}'",
        series.of.name(),
        planted.unwrap_or_default(),
        failed.shortest
    ));
    Ok(false)
}

fn explored(series: &Series, stride: u32, bar: &ProgressBar, began: Instant) -> anyhow::Result<bool> {
    let explored = series.explore(true, stride, &|count| bar.inc(count))?;
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    let [single, pairs] = explored.histories;
    say(&format!("{single} deaths and {pairs} pairs in {seconds:.1} s, {:.0}/s", rate(single + pairs, seconds)));
    say(&format!("longest recovery: {} minutes ({})", explored.longest.0, explored.longest.1));
    let Some((script, violation)) = &explored.failed else { return Ok(true) };
    say(&format!("{violation}"));
    say(&format!("again: scripts/faults --of {} --replay '{script}'", series.of.name()));
    Ok(false)
}

/// One history, call by call; whether it ended well.
fn tell(replay: &str, of: Subject, planted: Option<Planted>) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let of = of.prepare().await?;
        let script: Script = match replay.parse() {
            Ok(seed) => of.extent.script(seed),
            Err(_) => replay.parse()?,
        };
        say(&script.to_string());
        let mut run = of.history(&script, planted)?;
        run.keep_lines();
        let outcome = run.complete().await;
        run.lines().iter().for_each(|line| say(line));
        match outcome {
            Ok(report) => {
                say(&format!("done {} minutes after the last thing that went wrong", report.minutes));
                Ok(true)
            }
            Err(violation) => {
                say(&violation.to_string());
                say(&run.story());
                Ok(false)
            }
        }
    })
}

/// As it is given on the command line.
fn name(planted: Planted) -> String {
    planted.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(count: u64, seconds: f64) -> f64 {
    count as f64 / seconds
}

#[expect(clippy::print_stdout, reason = "a program for people")]
fn say(line: &str) {
    println!("{line}");
}
