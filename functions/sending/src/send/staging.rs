//! How far the people of a send are read, sifted and written down: the staging's checkpoint.

use crm::{Among, Cursor, RecipientKind};
use serde::{Deserialize, Serialize};

use super::Exclusions;

/// The checkpoint. Everything that it names is in the bucket before it is named here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staging {
    /// What is read, in order; `None` until it is known.
    pub sources: Option<Vec<Source>>,
    /// Which source is being read.
    pub source: usize,
    /// Where in it reading goes on; `None`: at its beginning.
    pub cursor: Option<Cursor>,
    /// Everybody who was read, each as often as they are listed.
    pub listed: u64,
    /// Those who were left out.
    pub excluded: Exclusions,
    /// Those who were not, so far: they are in the rounds.
    pub candidates: u64,
    /// Objects with the people who were read, each of them cut into partitions by address.
    pub rounds: Vec<Round>,
    /// Objects that say of each person what became of them.
    pub outcomes: Vec<String>,
    /// When the platform was asked who wants no mails, once it was: sifting may begin.
    pub consents_at: Option<domain::Timestamp>,
    /// How far sifting is.
    pub sorting: Sorting,
    /// The parts, once all of them are written.
    pub parts: Option<Vec<Part>>,
}

/// Records of one kind that are read together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Which kind.
    pub kind: RecipientKind,
    /// Which of them.
    pub among: Among,
}

/// People who were read together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// What their objects' names begin with.
    pub object: String,
    /// In which partitions there are some: a bit each.
    pub partitions: u64,
}

impl Round {
    /// Whether there is somebody in this partition.
    pub const fn has(&self, partition: usize) -> bool {
        self.partitions & (1 << partition) != 0
    }
}

/// How far sifting is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sorting {
    /// The next partition.
    pub next: usize,
    /// How many candidates were met: all of them, in the end.
    pub met: u64,
    /// What is written.
    pub pieces: Vec<Piece>,
    /// The object with the rows that do not fill a piece yet.
    pub rest: Option<String>,
}

/// Rows in the bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The object.
    pub object: String,
    /// How many rows.
    pub rows: u64,
}

/// What goes to the platform in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// How many rows, without the head.
    pub rows: u64,
    /// The SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// The objects that it is made of, behind the head.
    pub pieces: Vec<String>,
}

impl Staging {
    /// How many people are in the parts.
    pub fn rows(&self) -> u64 {
        self.parts.iter().flatten().map(|part| part.rows).sum()
    }
}
