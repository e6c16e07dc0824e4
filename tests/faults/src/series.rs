//! Many histories, on all cores, and what they were like together.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
};

use crate::{Beginning, Explored, Planted, Report, Script, Subject, Violation, explore};

/// What is run.
#[derive(Clone, Debug)]
pub struct Series {
    /// What the histories are of.
    pub of: Subject,
    /// The seeds.
    pub seeds: Range<u64>,
    /// Threads.
    pub jobs: u32,
    /// A mistake that is planted.
    pub planted: Option<Planted>,
}

/// What the histories were like.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many there were.
    pub histories: u64,
    /// How often each kind of event was met.
    pub met: BTreeMap<&'static str, u64>,
    /// Calls to services.
    pub calls: u64,
    /// The longest recovery in minutes of a history's time, and its seed.
    pub longest: (u32, u64),
    /// The first that failed.
    pub failed: Option<Failed>,
}

/// A history in which something was that must never be.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Its seed.
    pub seed: u64,
    /// Its script.
    pub script: Script,
    /// The shortest script that still fails: each of its events is needed.
    pub shortest: Script,
    /// What the shortest shows.
    pub violation: Violation,
}

/// Runs a future to its end on a clock that stands still unless everything waits for it.
pub(crate) fn on_a_paused_clock<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without sockets").block_on(work)
}

impl Series {
    /// Runs it. `progress` hears of every history that ended well.
    pub fn run(&self, progress: &(dyn Fn(u64) + Sync)) -> anyhow::Result<Summary> {
        let (next, stop) = (AtomicU64::new(self.seeds.start), AtomicBool::new(false));
        let summaries = thread::scope(|scope| {
            let jobs =
                (0..self.jobs.max(1)).map(|_| scope.spawn(|| on_a_paused_clock(self.job(&next, &stop, progress))));
            let jobs: Vec<_> = jobs.collect();
            jobs.into_iter().map(|job| job.join().expect("a history does not panic")).collect::<Vec<_>>()
        });
        let mut all = Summary::default();
        for summary in summaries {
            all.take_in(summary?);
        }
        Ok(all)
    }

    /// Every death, and with `pairs` every pair of them, or of the second ones each `stride`-th.
    pub fn explore(&self, pairs: bool, stride: u32, progress: &(dyn Fn(u64) + Sync)) -> anyhow::Result<Explored> {
        let jobs = self.jobs.max(1);
        let explored = thread::scope(|scope| {
            let jobs = (0..jobs).map(|job| {
                scope.spawn(move || {
                    on_a_paused_clock(async {
                        let of = self.of.prepare().await?;
                        anyhow::Ok(explore(&of, pairs, stride, (job, jobs), progress).await)
                    })
                })
            });
            let jobs: Vec<_> = jobs.collect();
            jobs.into_iter().map(|job| job.join().expect("a history does not panic")).collect::<Vec<_>>()
        });
        explored.into_iter().try_fold(Explored::default(), |all, one| Ok(all.with(one?)))
    }

    async fn job(
        &self,
        next: &AtomicU64,
        stop: &AtomicBool,
        progress: &(dyn Fn(u64) + Sync),
    ) -> anyhow::Result<Summary> {
        let of = self.of.prepare().await?;
        let mut summary = Summary::default();
        while !stop.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.seeds.end {
                break;
            }
            let script = of.extent.script(seed);
            match one(&of, &script, self.planted).await {
                Ok(report) => summary.count(seed, &report),
                Err(violation) => {
                    stop.store(true, Ordering::Relaxed);
                    let (shortest, violation) = shorten(&of, &script, violation, self.planted).await;
                    summary.failed = Some(Failed { seed, script, shortest, violation });
                }
            }
            progress(1);
        }
        Ok(summary)
    }
}

/// One history.
pub(crate) async fn one(of: &Beginning, script: &Script, planted: Option<Planted>) -> Result<Report, Violation> {
    of.history(script, planted)?.complete().await
}

/// Drops events one by one as long as what is left still fails.
async fn shorten(
    of: &Beginning,
    script: &Script,
    violation: Violation,
    planted: Option<Planted>,
) -> (Script, Violation) {
    let (mut shortest, mut violation) = (script.clone(), violation);
    // Most need no order of their own.
    let plain = Script { weave: 0, ..script.clone() };
    if let Err(same) = one(of, &plain, planted).await {
        (shortest, violation) = (plain, same);
    }
    let mut at = 0;
    while at < shortest.events.len() {
        let mut shorter = shortest.clone();
        shorter.events.remove(at);
        match one(of, &shorter, planted).await {
            Ok(_) => at += 1,
            Err(other) => (shortest, violation, at) = (shorter, other, 0),
        }
    }
    (shortest, violation)
}

impl Summary {
    fn count(&mut self, seed: u64, report: &Report) {
        self.histories += 1;
        self.calls += report.calls;
        for (kind, count) in &report.met {
            *self.met.entry(kind).or_default() += count;
        }
        self.longest = self.longest.max((report.minutes, seed));
    }

    fn take_in(&mut self, other: Self) {
        self.histories += other.histories;
        self.calls += other.calls;
        for (kind, count) in other.met {
            *self.met.entry(kind).or_default() += count;
        }
        self.longest = self.longest.max(other.longest);
        // The first by seed, whoever was faster.
        self.failed = match (self.failed.take(), other.failed) {
            (Some(one), Some(two)) => Some(if one.seed <= two.seed { one } else { two }),
            (one, two) => one.or(two),
        };
    }
}
