//! The promises under faults.

mod calls;
mod deliveries;
mod harness;
mod histories;
mod planted;
mod runtime;
mod sends;

use faults::{Beginning, Script, Series, Subject, provisioning::HEALED_WITHIN};

/// As many threads as there are cores.
fn jobs() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1))
}

/// So many random histories; one that fails is told with the line that makes it again.
fn series(seeds: std::ops::Range<u64>) -> Series {
    Series { of: Subject::Sites, seeds, jobs: jobs(), planted: None }
}

/// Runs scripts one after the other, and says at the first that fails which one it is. How many there were.
fn all_end_well(scripts: impl FnOnce(&Beginning) -> Vec<String>) -> usize {
    on_a_paused_clock(async {
        let of = Subject::Sites.prepare().await.expect("the world is complete");
        let scripts = scripts(&of);
        let mut met = 0;
        for text in &scripts {
            let script: Script = text.parse().expect("a script");
            let mut run = of.history(&script, None).unwrap_or_else(|violation| panic!("{text}: {violation}"));
            let report = run.complete().await;
            let report = report.unwrap_or_else(|violation| panic!("{text}: {violation}\n{}", run.story()));
            assert!(report.minutes <= HEALED_WITHIN, "{text}");
            met += usize::from(report.met.values().sum::<u64>() > 0);
        }
        assert!(
            met * 20 >= scripts.len() * 19,
            "only {met} of {} histories met what goes wrong in them",
            scripts.len()
        );
        scripts.len()
    })
}

fn on_a_paused_clock<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without sockets").block_on(work)
}
