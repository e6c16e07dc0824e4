//! Rows on their way through the bucket: those of one page are together when they are written, and those of one address when
//! they are read.

use crm::RecipientKind;
use domain::CrmId;
use uuid::Uuid;

use crate::address::AddressHash;

/// Into how many partitions people are cut by their addresses. A million are some 16,000 in each, which are three megabytes.
pub(crate) const PARTITIONS: usize = 64;

/// A person, and the line that the platform gets of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spilled<'s> {
    pub(crate) address: AddressHash,
    pub(crate) kind: RecipientKind,
    pub(crate) id: CrmId,
    pub(crate) line: &'s [u8],
}

/// Where an address belongs.
pub(crate) fn partition_of(address: &AddressHash) -> usize {
    usize::from(address[0]) * PARTITIONS / 256
}

impl<'s> Spilled<'s> {
    /// Address, kind, id, length of the line, line.
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        to.extend(self.address);
        to.push(
            RecipientKind::ALL
                .iter()
                .position(|kind| *kind == self.kind)
                .and_then(|it| u8::try_from(it).ok())
                .unwrap_or_default(),
        );
        to.extend(self.id.uuid().as_bytes());
        to.extend(u32::try_from(self.line.len()).unwrap_or(u32::MAX).to_le_bytes());
        to.extend(self.line);
    }

    /// The people in an object, in the order in which they were written; `None` in the place of one that is cut or is none.
    pub(crate) fn all(bytes: &'s [u8]) -> impl Iterator<Item = Option<Self>> {
        let mut rest = bytes;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let read = Self::read(rest);
            rest = read.map_or(&[], |(_, rest)| rest);
            Some(read.map(|(spilled, _)| spilled))
        })
    }

    fn read(bytes: &'s [u8]) -> Option<(Self, &'s [u8])> {
        let (address, bytes) = bytes.split_first_chunk::<16>()?;
        let (kind, bytes) = bytes.split_first()?;
        let (id, bytes) = bytes.split_first_chunk::<16>()?;
        let (length, bytes) = bytes.split_first_chunk::<4>()?;
        let (line, rest) = bytes.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        let kind = *RecipientKind::ALL.get(usize::from(*kind))?;
        Some((Self { address: *address, kind, id: CrmId::new(Uuid::from_bytes(*id)), line }, rest))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What was written is read, in order; what is cut is told, and never taken for the end.
        #[test]
        fn people_come_back_as_they_were(
            people in proptest::collection::vec((any::<[u8; 16]>(), 0..3_usize, any::<u128>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..20),
            cut in 1..30_usize,
        ) {
            let kinds = RecipientKind::ALL;
            let spilled = |(address, kind, id, line): &'_ ([u8; 16], usize, u128, Vec<u8>)| (*address, kinds[*kind], CrmId::new(Uuid::from_u128(*id)), line.clone());
            let expected: Vec<_> = people.iter().map(spilled).collect();
            let mut bytes = Vec::new();
            for (address, kind, id, line) in &expected {
                Spilled { address: *address, kind: *kind, id: *id, line }.write(&mut bytes);
            }
            let read: Vec<_> = Spilled::all(&bytes).map(|it| it.expect("whole")).map(|it| (it.address, it.kind, it.id, it.line.to_vec())).collect();
            prop_assert_eq!(&read, &expected);
            if !bytes.is_empty() {
                let short = &bytes[..bytes.len() - cut.min(bytes.len() - 1)];
                let whole = Spilled::all(short).flatten().count();
                prop_assert!(whole < expected.len());
            }
        }
    }

    #[test]
    fn every_partition_has_its_addresses() {
        let of = |first: u8| partition_of(&[first; 16]);
        assert_eq!((of(0), of(3), of(4), of(255)), (0, 0, 1, PARTITIONS - 1));
    }
}
