//! Every death of a delivery, and every pair of them: histories share what is the same in them.

use crate::{Report, Run, Script, Violation, provisioning::Provisioning};

/// What was explored.
#[derive(Clone, Debug, Default)]
pub struct Explored {
    /// Histories with one death, and with two.
    pub histories: [u64; 2],
    /// The longest recovery, in minutes, and the script of it.
    pub longest: (u32, String),
    /// Calls to services.
    pub calls: u64,
    /// What must never be, with the script that makes it again.
    pub failed: Option<(String, Violation)>,
}

/// One delivery dies at every point in turn; with `pairs`, the next one too. Of the first points, every `jobs`-th from
/// `job` on; of the second ones, every `stride`-th, from one on that moves with the first.
pub async fn explore(
    of: &Provisioning,
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
    of: &Provisioning,
    pairs: bool,
    stride: u32,
    (job, jobs): (u32, u32),
    progress: &dyn Fn(u64),
    explored: &mut Explored,
) -> Found<()> {
    let nothing = |violation| (Script::default().to_string(), violation);
    let mut run = of.history(&Script::default(), None).map_err(nothing)?;
    loop {
        if let Some((0, polls)) = run.delivery()
            && polls % jobs == job
        {
            let script = format!("dies build0@{polls}");
            let fork = run.fork().map_err(|violation| (script.clone(), violation))?;
            second(fork, &script, pairs.then_some(stride), polls, progress, explored).await?;
        }
        if !run.step().await.map_err(nothing)? {
            return Ok(());
        }
    }
}

/// Goes on after a first death, and dies in the next delivery at every `stride`-th point.
async fn second(
    mut run: Run,
    first: &str,
    stride: Option<u32>,
    from: u32,
    progress: &dyn Fn(u64),
    explored: &mut Explored,
) -> Found<()> {
    let alone = |violation| (first.to_owned(), violation);
    loop {
        if let (Some((1, polls)), Some(stride)) = (run.delivery(), stride)
            && (polls + from).is_multiple_of(stride)
        {
            let script = format!("{first}; dies build1@{polls}");
            let told = |violation| (script.clone(), violation);
            let mut fork = run.fork().map_err(told)?;
            let report = fork.complete().await.map_err(told)?;
            explored.count(1, &script, &report);
            progress(1);
        }
        if !run.step().await.map_err(alone)? {
            explored.count(0, first, &run.report());
            progress(1);
            return Ok(());
        }
    }
}

impl Explored {
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
        self.calls += other.calls;
        self.failed = self.failed.or(other.failed);
        self
    }
}
