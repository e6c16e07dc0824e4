//! What histories are of, and the world that they begin in.

use localhost::Instance;

use crate::{Extent, Flow, Planted, Run, Script, System, Violation, provisioning, sending};

/// What histories are of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Subject {
    /// A press ends in one site.
    #[default]
    Sites,
    /// A send reaches everybody once.
    Sends,
}

/// Where every history of a subject begins.
pub struct Beginning {
    template: Instance,
    flow: Box<dyn Flow>,
    /// Where events can be.
    pub extent: Extent,
}

impl Subject {
    /// Makes the world, and runs it without a fault: what every history is held against.
    pub async fn prepare(self) -> anyhow::Result<Beginning> {
        match self {
            Self::Sites => provisioning::prepare().await,
            Self::Sends => sending::prepare().await,
        }
    }

    /// As it is given on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sites => "sites",
            Self::Sends => "sends",
        }
    }
}

impl Beginning {
    pub(crate) fn new(template: Instance, flow: Box<dyn Flow>, extent: Extent) -> Self {
        Self { template, flow, extent }
    }

    /// A history by this script.
    pub fn history(&self, script: &Script, planted: Option<Planted>) -> Result<Run, Violation> {
        let system = System::of(&self.template, planted);
        let system = system.map_err(|error| Violation::of("the world can be copied", error.to_string()))?;
        Run::new(system, self.flow.fork(), script)
    }
}
