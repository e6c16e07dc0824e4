//! How invocations begin.

use super::{Outcome, Run};
use crate::{Invoked, Violation, process::Invocation, system::Process};

impl Run {
    pub(super) fn has_visible_messages(&self) -> bool {
        let sources = &self.system.instance.host.wiring().sources;
        sources.iter().any(|source| self.system.memory().depth(&source.queue).0 > 0)
    }

    pub(super) fn deliver(&mut self) -> Result<(), Violation> {
        let process = self.take_process(Invoked::Build)?;
        let host = process.host.clone();
        self.start(Invoked::Build, process, None, async move {
            host.deliver().await;
            Outcome::Done
        });
        // The first poll takes the message out of the queue.
        self.go_on(self.running.len() - 1)
    }

    pub(super) fn press(&mut self) -> Result<(), Violation> {
        let Some(request) = self.flow.press(&self.system, self.presses) else { return Ok(()) };
        let process = self.take_process(Invoked::Ring)?;
        let (host, number) = (process.host.clone(), self.presses);
        self.presses += 1;
        self.start(Invoked::Ring, process, Some(number), async move {
            let answer = host.http(request).await;
            Outcome::Rang(answer.status())
        });
        Ok(())
    }

    pub(super) fn take_process(&mut self, of: Invoked) -> Result<Process, Violation> {
        if let Some(process) = self.idle.entry(of).or_default().pop() {
            return Ok(process);
        }
        self.system.process().map_err(|error| Violation::of("a process starts", error.to_string()))
    }

    pub(super) fn start(
        &mut self,
        of: Invoked,
        process: Process,
        press: Option<usize>,
        work: impl Future<Output = Outcome> + 'static,
    ) {
        let number = self.started.entry(of).or_default();
        let id = (of, *number);
        *number += 1;
        self.system.watch.seen().note(&(of, id.1, process.id), || format!("{} {} begins", of.name(), id.1));
        let began = self.now();
        self.running.push(Invocation::new(id, process, press, &self.anybody, began, work));
    }
}
