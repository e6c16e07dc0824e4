//! How invocations begin.

use localhost::Source;

use super::{Outcome, Run};
use crate::{Invoked, Violation, process::Invocation, system::Process};

impl Run {
    /// A queue with messages that nobody handles.
    pub(super) fn waiting(&self) -> Option<Source> {
        let sources = &self.system.instance.host.wiring().sources;
        sources.iter().find(|source| self.system.memory().depth(&source.queue).0 > 0).cloned()
    }

    pub(super) fn deliver(&mut self, source: Source) -> Result<(), Violation> {
        let process = self.take_process(Invoked::Deliver)?;
        let host = process.host.clone();
        self.start(Invoked::Deliver, process, None, async move {
            host.deliver_batch(&source).await;
            Outcome::Done
        });
        // The first poll takes the message out of the queue.
        self.go_on(self.running.len() - 1)
    }

    pub(super) fn press(&mut self) -> Result<(), Violation> {
        let number = self.presses;
        self.presses += 1;
        let Some(request) = self.flow.press(&self.system, number) else { return Ok(()) };
        let process = self.take_process(Invoked::Ring)?;
        let host = process.host.clone();
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
