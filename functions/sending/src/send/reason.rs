//! Why somebody on a list gets no mail (FX-03).

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// Why somebody gets no mail. The order is that in which they are asked: the first that holds is the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyNot {
    /// The record is deactivated in CRM.
    Inactive,
    /// CRM says that this person wants no mails.
    OptedOutInCrm,
    /// The record has no address.
    NoAddress,
    /// The record's address is none that the platform takes.
    BadAddress,
    /// A value that the mail needs does not fit into its column.
    BadValue,
    /// Another record with this address gets the mail, or this record is on a list that was read before.
    Duplicate,
    /// The address does not want mails, by the platform.
    OptedOutOnPlatform,
    /// Mails to the address came back too often, by the platform.
    HeldOnPlatform,
    /// Did not want mails any more when the send was released.
    OptedOutSince,
}

impl WhyNot {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Inactive,
        Self::OptedOutInCrm,
        Self::NoAddress,
        Self::BadAddress,
        Self::BadValue,
        Self::Duplicate,
        Self::OptedOutOnPlatform,
        Self::HeldOnPlatform,
        Self::OptedOutSince,
    ];

    /// Its number in the objects of the bucket; 0 is somebody who gets the mail.
    pub(crate) fn code(self) -> u8 {
        let place = Self::ALL.iter().position(|one| *one == self).unwrap_or_default();
        u8::try_from(place).unwrap_or_default() + 1
    }

    /// The reason of this number.
    pub(crate) fn of_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }
}

/// For people.
impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inactive => "inactive in CRM",
            Self::OptedOutInCrm => "wants no mails, by CRM",
            Self::NoAddress => "has no address",
            Self::BadAddress => "has an address that is none",
            Self::BadValue => "has a value that does not fit",
            Self::Duplicate => "gets it at the same address by another record",
            Self::OptedOutOnPlatform => "wants no mails, by the e-mail platform",
            Self::HeldOnPlatform => "mails came back too often",
            Self::OptedOutSince => "wanted no mails any more at the release",
        })
    }
}

/// How many people for each reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Exclusions(pub BTreeMap<WhyNot, u64>);

impl Exclusions {
    /// One more.
    pub fn count(&mut self, reason: WhyNot) {
        self.add(reason, 1);
    }

    /// So many more.
    pub fn add(&mut self, reason: WhyNot, more: u64) {
        if more > 0 {
            *self.0.entry(reason).or_default() += more;
        }
    }

    /// Those of another count too.
    pub fn add_all(&mut self, other: &Self) {
        for (reason, count) in &other.0 {
            self.add(*reason, *count);
        }
    }

    /// All together.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// `3 has no address, 1 inactive in CRM`; nothing where nobody was left out.
impl fmt::Display for Exclusions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (reason, count)) in self.0.iter().enumerate() {
            write!(f, "{}{count} {reason}", if place > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_a_number_and_words_of_its_own() {
        let words: std::collections::BTreeSet<_> = WhyNot::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(words.len(), WhyNot::ALL.len());
        for reason in WhyNot::ALL {
            assert_eq!(WhyNot::of_code(reason.code()), Some(reason));
        }
        assert_eq!((WhyNot::of_code(0), WhyNot::of_code(10)), (None, None));
    }
}
