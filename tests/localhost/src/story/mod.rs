//! The demo: what people do, chapter by chapter, over HTTP, and whether it held.
//!
//! Each chapter acts through the same addresses as a browser and looks at the same pages. What did not hold is an
//! error that says what was expected.

mod browser;
mod platform;
mod send;
mod site;

use serde::Serialize;

use crate::Scene;

/// A chapter that was told.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Its name.
    pub chapter: Chapter,
    /// Whether all of it held.
    pub ok: bool,
    /// Its facts.
    #[serde(flatten)]
    pub facts: serde_json::Map<String, serde_json::Value>,
    /// From its first act to its last look, in seconds.
    pub seconds: f64,
}

/// The chapters there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Chapter {
    /// A press makes a site.
    Site,
    /// The e-mail platform takes files and mails.
    Platform,
    /// Sends from CRM reach each person once.
    Send,
}

impl Chapter {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Site, Self::Platform, Self::Send];

    /// What it is about, in a sentence.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Site => "A press on an account's button makes a SharePoint site with the right people in it",
            Self::Platform => {
                "The e-mail platform is signed in to both ways, takes files all three ways, and mails ten people"
            }
            Self::Send => "A send from CRM mails each person once, says who gets none and why, and adds up",
        }
    }

    /// Tells the chapter. `teller` hears of every step.
    ///
    /// With a size, the chapter *send* is of one send to so many people, and a hundredth of them who get none.
    pub async fn tell(self, scene: &Scene, teller: &dyn Teller, size: Option<usize>) -> anyhow::Result<Outcome> {
        let started = std::time::Instant::now();
        let facts = match self {
            Self::Site => site::tell(scene, teller).await?,
            Self::Platform => platform::tell(scene, teller).await?,
            Self::Send => send::tell(scene, teller, size).await?,
        };
        let ok = facts.get("ok").and_then(serde_json::Value::as_bool).unwrap_or(true);
        Ok(Outcome { chapter: self, ok, facts, seconds: round(started.elapsed().as_secs_f64()) })
    }
}

/// Who hears the story: a terminal, or nobody.
pub trait Teller: Send + Sync {
    /// Something happened, in a sentence.
    fn say(&self, sentence: &str);
    /// Work is under way: so many of so many steps, and what is being done.
    fn progress(&self, done: u64, all: u64, doing: &str);
}

/// To the millisecond: more digits are noise.
pub(crate) fn round(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
