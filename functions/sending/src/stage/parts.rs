//! What goes to the platform: lines as its imports read them, and the files that they are in (A10, S11).

use std::io;

use async_trait::async_trait;
use bytes::Bytes;
use domain::TenantId;
use file_drop::{DropError, File, Source};
use futures_util::{StreamExt, stream};
use platform::Bucket;
use serde_json::json;
use tenants::{Batches, MailColumn, Trouble};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::io::StreamReader;

use super::{head, preview};
use crate::{
    desk::{Desk, Halt, Hands, bucket_trouble},
    send::{Part, Piece},
};

/// Writes lines as RFC 4180 has them: every value in quotes, quotes doubled, a line ends with CR LF. A value that looks like a
/// formula stays as it is: a machine reads it, and an apostrophe would be part of it (A10).
pub(super) struct Lines {
    line: Vec<u8>,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self { line: Vec::new() }
    }

    /// One line; `None` for a value with a NUL, at which the platform's reader may end.
    pub(super) fn line<'f>(&mut self, fields: impl Iterator<Item = &'f str>) -> Option<&[u8]> {
        self.line.clear();
        let mut writer = csv::WriterBuilder::new()
            .quote_style(csv::QuoteStyle::Always)
            .terminator(csv::Terminator::CRLF)
            .buffer_capacity(512)
            .from_writer(&mut self.line);
        for field in fields {
            if field.contains('\0') {
                return None;
            }
            writer.write_field(field).ok()?;
        }
        writer.write_record(None::<&[u8]>).ok()?;
        writer.flush().ok()?;
        drop(writer);
        Some(&self.line)
    }
}

/// The first line of every file.
pub(super) fn head_line(columns: &[MailColumn]) -> Bytes {
    let mut lines = Lines::new();
    Bytes::copy_from_slice(lines.line(head(columns)).unwrap_or_default())
}

/// How many rows a piece has, whether or not it becomes a part of its own.
pub(super) fn piece_size(batches: Option<Batches>) -> usize {
    let size = batches.unwrap_or_default().size.get().min(Batches::LARGEST);
    usize::try_from(size).unwrap_or(usize::MAX)
}

/// Which pieces go together: each by itself in a send that is cut, all of them in one that is not (EX-06).
pub(super) fn grouped(pieces: &[Piece], batches: Option<Batches>) -> Vec<Vec<&Piece>> {
    let rows: u64 = pieces.iter().map(|piece| piece.rows).sum();
    match batches {
        Some(Batches { above, .. }) if rows > u64::from(above) => pieces.iter().map(|piece| vec![piece]).collect(),
        _ if pieces.is_empty() => Vec::new(),
        _ => vec![pieces.iter().collect()],
    }
}

/// Makes parts of the pieces, and writes the manifest and the preview, last.
pub(super) async fn write(desk: &mut Desk<'_>, hands: &Hands) -> Result<(), Halt> {
    if desk.row.value.staging.parts.is_some() {
        return Ok(());
    }
    let head = head_line(&hands.mailing.columns);
    let mut parts = Vec::new();
    for pieces in grouped(&desk.row.value.staging.sorting.pieces, hands.mailing.batches) {
        let rows = pieces.iter().map(|piece| piece.rows).sum();
        let pieces: Vec<String> = pieces.into_iter().map(|piece| piece.object.clone()).collect();
        let source = PartSource::new(&desk.deps.platform.staging, &desk.tenant, head.clone(), &pieces);
        let broken = |error: DropError| Trouble::Passing { reason: error.to_string(), after: None };
        let sha256 = File::reading("part.csv", &source).await.map_err(broken)?.sha256();
        parts.push(Part { rows, sha256, pieces });
    }
    let send = &desk.row.value;
    let manifest = json!({
        "send": send.id,
        "revision": send.revision,
        "listed": send.staging.listed,
        "excluded": send.staging.excluded,
        "rows": parts.iter().map(|part: &Part| part.rows).sum::<u64>(),
        "parts": parts,
    });
    let name = format!("{}/manifest.json", send.folder());
    let bytes = serde_json::to_vec_pretty(&manifest).map_err(Trouble::bug)?;
    desk.deps.platform.staging.put(&desk.tenant, &name, bytes.into()).await.map_err(bucket_trouble)?;
    preview::write(desk, hands, &parts).await?;
    desk.row.value.staging.parts = Some(parts);
    Ok(())
}

/// A part's file: the head, and its pieces one after another, of which one is held at a time.
pub(crate) struct PartSource {
    bucket: Bucket,
    tenant: TenantId,
    head: Bytes,
    pieces: Vec<String>,
}

impl PartSource {
    fn new(bucket: &Bucket, tenant: &TenantId, head: Bytes, pieces: &[String]) -> Self {
        Self { bucket: bucket.clone(), tenant: tenant.clone(), head, pieces: pieces.to_vec() }
    }

    /// The file of a part, with the head of these columns.
    pub(crate) fn of(bucket: &Bucket, tenant: &TenantId, columns: &[MailColumn], part: &Part) -> Self {
        Self::new(bucket, tenant, head_line(columns), &part.pieces)
    }
}

#[async_trait]
impl Source for PartSource {
    async fn open(&self, from: u64) -> io::Result<Box<dyn AsyncRead + Send + Unpin>> {
        let (bucket, tenant) = (self.bucket.clone(), self.tenant.clone());
        let pieces = stream::iter(self.pieces.clone()).then(move |piece| {
            let (bucket, tenant) = (bucket.clone(), tenant.clone());
            async move {
                let found = bucket.get(&tenant, &piece).await.map_err(io::Error::other)?;
                found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "a piece is not in the bucket"))
            }
        });
        let whole = stream::once(std::future::ready(Ok(self.head.clone()))).chain(pieces).boxed();
        let mut reader = StreamReader::new(whole);
        // What is gone on with is short of a part: skipping reads, and holds nothing.
        tokio::io::copy(&mut (&mut reader).take(from), &mut tokio::io::sink()).await?;
        Ok(Box::new(reader))
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::*;

    fn sizes(rows: u64, batches: Option<Batches>) -> Vec<u64> {
        let size = u64::try_from(piece_size(batches)).unwrap();
        let mut left = rows;
        let mut pieces = Vec::new();
        while left > 0 {
            let rows = left.min(size);
            pieces.push(Piece { object: String::new(), rows });
            left -= rows;
        }
        grouped(&pieces, batches).iter().map(|part| part.iter().map(|piece| piece.rows).sum()).collect()
    }

    /// EX-06, S10: 25,000 go as they are, one more in groups of 5,000.
    #[test]
    fn a_send_is_cut_above_its_threshold_only() {
        let usual = Some(Batches::default());
        assert_eq!(sizes(25_000, usual), [25_000]);
        assert_eq!(sizes(25_001, usual), [5_000, 5_000, 5_000, 5_000, 5_000, 1]);
        assert_eq!(sizes(24_999, usual), [24_999]);
        assert_eq!(sizes(30_000, usual), [5_000; 6]);
        assert_eq!((sizes(1, usual), sizes(0, usual)), (vec![1], vec![]));
        assert_eq!(sizes(60_000, None), [60_000]);
        let small = Batches { above: 2, size: NonZeroU32::new(1).unwrap() };
        assert_eq!(sizes(3, Some(small)), [1, 1, 1]);
    }

    proptest! {
        /// A10: whatever is in a value, the platform's reader finds it again, and nothing beside it.
        #[test]
        fn a_line_is_read_as_it_was_written(fields in proptest::collection::vec("[^\0]{0,20}", 1..6)) {
            let mut lines = Lines::new();
            let line = lines.line(fields.iter().map(String::as_str)).unwrap();
            prop_assert!(line.ends_with(b"\"\r\n"));
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line);
            let read: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(read, vec![csv::StringRecord::from(fields)]);
        }
    }

    #[test]
    fn a_value_that_ends_early_is_not_written() {
        let mut lines = Lines::new();
        assert_eq!(lines.line(["a", "b\0c"].into_iter()), None);
        assert_eq!(lines.line(["=1+1", "say \"yes\"\n"].into_iter()), Some(&b"\"=1+1\",\"say \"\"yes\"\"\n\"\r\n"[..]));
    }
}
