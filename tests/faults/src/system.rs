//! The whole system of one history: the simulated services, our stores, and processes that are made and die.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use domain::{Clock, Timestamp, VirtualClock};
use localhost::{Host, Instance};
use platform::{Bucket, Platform, Queues, Table, memory::Memory};
use sandbox::{Fault, Service, Switch, Times};
use tenants::Reach;

use crate::{
    Event, Planted, Script,
    stores::{Ledger, Mail, Objects},
    watch::Watch,
    wire::{Lies, Wire},
};

/// Until it is cleared, but counted: a switch that acted is not as it was set.
const FOR_GOOD: Times = Times::Next(u32::MAX);

/// One world with everything that can go wrong in it.
pub struct System {
    /// Services, stores and clock.
    pub instance: Arc<Instance>,
    pub(crate) watch: Arc<Watch>,
    planted: Option<Planted>,
    lies: Arc<Lies>,
    processes: AtomicU32,
}

/// One process of a function's: what it keeps to itself dies with it.
pub(crate) struct Process {
    pub(crate) id: u32,
    pub(crate) host: Host,
    standing: Option<Arc<Standing>>,
}

impl System {
    /// A copy of a world, with a mistake planted in it or none.
    pub fn of(template: &Instance, planted: Option<Planted>) -> anyhow::Result<Self> {
        Ok(Self {
            instance: Arc::new(template.fork()?),
            watch: Arc::default(),
            planted,
            lies: Arc::default(),
            processes: AtomicU32::new(0),
        })
    }

    /// A copy as it is at this moment. No process is in it.
    pub(crate) fn fork(&self) -> anyhow::Result<Self> {
        Ok(Self {
            instance: Arc::new(self.instance.fork()?),
            watch: Arc::new(self.watch.fork()),
            planted: self.planted,
            lies: Arc::default(),
            processes: AtomicU32::new(self.processes.load(Ordering::Relaxed)),
        })
    }

    /// Lets go wrong what the script says of calls and stores.
    pub(crate) fn arm(&self, script: &Script) {
        let mut world = self.instance.sandbox.world();
        for event in &script.events {
            match (event, switch(event)) {
                (_, Some((skip, switch))) => world.faults.set_after(skip, switch),
                (store, None) if store.is_of_a_store() => self.watch.seen().stores.push(store.clone()),
                _ => {}
            }
        }
    }

    /// Our stores, to look at them.
    pub fn memory(&self) -> &Memory {
        self.instance.host.memory()
    }

    /// A new process.
    pub(crate) fn process(&self) -> anyhow::Result<Process> {
        let id = self.processes.fetch_add(1, Ordering::Relaxed);
        let (memory, watch) = (self.memory().clone(), &self.watch);
        let ledger = Ledger { memory: memory.clone(), watch: Arc::clone(watch), planted: self.planted };
        let mail = Mail { memory: memory.clone(), watch: Arc::clone(watch) };
        let lies = Arc::clone(&self.lies);
        let objects = Objects { memory: memory.clone(), watch: Arc::clone(watch), planted: self.planted, lies };
        let standing = (self.planted == Some(Planted::WorksPastItsTime)).then(|| {
            Arc::new(Standing { goes: self.instance.clock.clone(), at: Mutex::new(self.instance.clock.now()) })
        });
        let shared = memory.platform();
        let platform = Platform {
            ledger: Table::new(Arc::new(ledger)),
            queues: Queues::new(Arc::new(mail)),
            staging: Bucket::new(Arc::new(objects)),
            clock: standing.clone().map_or_else(|| Arc::clone(&shared.clock), |clock| clock as Arc<dyn Clock>),
            ..shared
        };
        let wire = Wire {
            process: id,
            instance: Arc::clone(&self.instance),
            watch: Arc::clone(watch),
            planted: self.planted,
            back: self.instance.back(),
            lies: Arc::clone(&self.lies),
        };
        let clock = Arc::new(self.instance.clock.clone());
        let host = self.instance.functions_by(clock, &platform, Arc::new(wire), Reach::Loopback)?;
        Ok(Process { id, host, standing })
    }
}

/// The sandbox's switch for what goes wrong with a call, and how many calls go well before it.
pub(crate) fn switch(event: &Event) -> Option<(u32, Switch)> {
    let (service, skip, fault, times) = match event {
        Event::Call(service, number, fault) => (*service, *number, fault.fault(*service), Times::Next(1)),
        Event::Denied(service, number) => {
            // CRM: the user lacks a privilege. SharePoint: access denied.
            let code = if *service == Service::Crm { "0x80040220" } else { "0x80070005" };
            (*service, *number, Fault::Error { code: code.to_owned() }, FOR_GOOD)
        }
        Event::Shut(service, number) => (*service, *number, Fault::Html, FOR_GOOD),
        _ => return None,
    };
    Some((skip, Switch { service, operation: None, fault, times }))
}

impl Process {
    /// An invocation begins.
    pub(crate) fn begin(&self) {
        if let Some(standing) = &self.standing {
            *standing.at.lock().unwrap_or_else(PoisonError::into_inner) = standing.goes.now();
        }
    }
}

/// A clock that somebody reads once per invocation: [`Planted::WorksPastItsTime`].
struct Standing {
    goes: VirtualClock,
    at: Mutex<Timestamp>,
}

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
