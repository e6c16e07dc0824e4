//! A cut document must never look like a short one (ST-09).

use super::carriers::Carrier;
use crate::Document;

/// Every kind of document, cut behind each of its tags but the last.
pub(super) fn documents() -> Vec<Document> {
    Carrier::ALL.into_iter().flat_map(cuts).collect()
}

fn cuts(carrier: Carrier) -> Vec<Document> {
    let plain = carrier.plain();
    let ends: Vec<usize> = plain.match_indices('>').map(|(at, _)| at + 1).filter(|at| *at < plain.len()).collect();
    let cut = |(number, at): (usize, usize)| {
        let bytes = plain.as_bytes()[..at].to_vec();
        Document::refused(format!("{}/cut behind tag {}", carrier.name, number + 1), move || bytes.clone())
    };
    ends.into_iter().enumerate().map(cut).collect()
}
