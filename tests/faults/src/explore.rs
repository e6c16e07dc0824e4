//! Every death of a delivery, and every pair of them: histories share what is the same in them.
//!
//! The pairs are of a delivery and the one after it. A doorbell or a timer that dies is not looked for here: a
//! directed history says where (`tests/promises/deliveries.rs`).

use std::collections::BTreeSet;

use crate::{Beginning, Report, Run, Script, Violation};

/// What was explored.
#[derive(Clone, Debug, Default)]
pub struct Explored {
    /// Histories with one death, and with two.
    pub histories: [u64; 2],
    /// The points of deliveries at which one died: the delivery, and how often it was polled.
    pub points: BTreeSet<(u32, u32)>,
    /// The longest recovery, in minutes, and the script of it.
    pub longest: (u32, String),
    /// Calls to services.
    pub calls: u64,
    /// What must never be, with the script that makes it again.
    pub failed: Option<(String, Violation)>,
}

/// Each delivery of the uninterrupted run dies at every point in turn; with `pairs`, the next one too. Of the first points, every `jobs`-th from
/// `job` on; of the second ones, every `stride`-th, from one on that moves with the first.
pub async fn explore(
    of: &Beginning,
    pairs: bool,
    stride: u32,
    (job, jobs): (u32, u32),
    progress: &dyn Fn(u64),
) -> Explored {
    let mut explored = Explored::default();
    let outcome = first(of, pairs, stride.max(1), (job, jobs), progress, &mut explored).await;
    if let Err((script, violation)) = outcome {
        explored.failed = Some((script, violation));
    }
    explored
}

type Found<T> = Result<T, (String, Violation)>;

async fn first(
    of: &Beginning,
    pairs: bool,
    stride: u32,
    (job, jobs): (u32, u32),
    progress: &dyn Fn(u64),
    explored: &mut Explored,
) -> Found<()> {
    let nothing = |violation| (Script::default().to_string(), violation);
    let stride = pairs.then_some(stride);
    let mut run = of.history(&Script::default(), None).map_err(nothing)?;
    let mut beside = BTreeSet::new();
    loop {
        let point = run.deliveries().find(|point| point.1 > 0 && point.1 % jobs == job);
        if let Some(point) = point.filter(|point| !explored.points.contains(point)) {
            if run.is_one_alone() {
                let script = death(point);
                let fork = run.fork().map_err(|violation| (script.clone(), violation))?;
                explored.points.insert(point);
                second(of, fork, &script, stride, point, progress, explored).await?;
            } else {
                beside.insert(point);
            }
        }
        if !run.step().await.map_err(nothing)? {
            break;
        }
    }
    // Where something else is under way, a copy would be its death too.
    for point in beside {
        if explored.points.insert(point) {
            let script = death(point);
            let run = again(of, &script)?;
            second(of, run, &script, stride, point, progress, explored).await?;
        }
    }
    Ok(())
}

/// Goes on after a first death, and dies in the next delivery at every `stride`-th point.
async fn second(
    of: &Beginning,
    mut run: Run,
    first: &str,
    stride: Option<u32>,
    (number, from): (u32, u32),
    progress: &dyn Fn(u64),
    explored: &mut Explored,
) -> Found<()> {
    let (mut points, mut beside) = (BTreeSet::new(), BTreeSet::new());
    let is_one = |polls: u32| stride.is_some_and(|stride| (polls + from).is_multiple_of(stride));
    let script = |polls| format!("{first}; {}", death((number + 1, polls)));
    loop {
        if let Some(polls) = point(&run, number + 1).filter(|polls| is_one(*polls) && !points.contains(polls)) {
            if run.is_one_alone() {
                points.insert(polls);
                let fork = run.fork().map_err(|violation| (script(polls), violation))?;
                explored.complete(1, fork, &script(polls), progress).await?;
            } else {
                beside.insert(polls);
            }
        }
        if !run.step().await.map_err(|violation| (first.to_owned(), violation))? {
            break;
        }
    }
    explored.complete(0, run, first, progress).await?;
    for polls in beside.difference(&points) {
        let script = script(*polls);
        explored.complete(1, again(of, &script)?, &script, progress).await?;
    }
    Ok(())
}

fn death((number, polls): (u32, u32)) -> String {
    format!("dies deliver{number}@{polls}")
}

/// How often the delivery of that number was polled, if it is under way.
fn point(run: &Run, number: u32) -> Option<u32> {
    run.deliveries().find(|(it, _)| *it == number).map(|(_, polls)| polls)
}

/// A history from its beginning.
fn again(of: &Beginning, script: &str) -> Found<Run> {
    let told = |violation| (script.to_owned(), violation);
    of.history(&script.parse().expect("a script that was just written"), None).map_err(told)
}

impl Explored {
    /// Runs to the end, and counts.
    async fn complete(&mut self, deaths: usize, mut run: Run, script: &str, progress: &dyn Fn(u64)) -> Found<()> {
        let report = run.complete().await.map_err(|violation| (script.to_owned(), violation))?;
        self.count(deaths, script, &report);
        progress(1);
        Ok(())
    }

    fn count(&mut self, deaths: usize, script: &str, report: &Report) {
        self.histories[deaths] += 1;
        self.calls += report.calls;
        if report.minutes > self.longest.0 || self.longest.1.is_empty() {
            self.longest = (report.minutes, script.to_owned());
        }
    }

    /// Both.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        for deaths in 0..2 {
            self.histories[deaths] += other.histories[deaths];
        }
        if other.longest.0 > self.longest.0 {
            self.longest = other.longest;
        }
        self.points.extend(other.points);
        self.calls += other.calls;
        self.failed = self.failed.or(other.failed);
        self
    }
}
