//! Whether a row is meant by a query.

use domain::{SignedDuration, Timestamp};

use crate::sharepoint::{
    caml::{Condition, Operand, Operator},
    list::Item,
};

use super::{
    cells::{Cell, Sheet},
    dates::{local, read_date},
};

impl Sheet<'_> {
    /// Whether the item meets the condition.
    pub(super) fn meets(&self, item: &Item, condition: &Condition, now: Timestamp) -> bool {
        match condition {
            Condition::And(a, b) => self.meets(item, a, now) && self.meets(item, b, now),
            Condition::Or(a, b) => self.meets(item, a, now) || self.meets(item, b, now),
            Condition::Test { operator, field, by_id, value } => {
                let cell = self.cell(item, field);
                match (operator, cell) {
                    (Operator::IsNull, cell) => cell.is_none(),
                    (Operator::IsNotNull, cell) => cell.is_some(),
                    // Nothing is not equal to anything, and is in no order with it.
                    (operator, None) => *operator == Operator::Neq,
                    (operator, Some(cell)) => self.compare(&cell, *operator, value, *by_id, now),
                }
            }
        }
    }

    fn compare(&self, cell: &Cell, operator: Operator, value: &Operand, by_id: bool, now: Timestamp) -> bool {
        match cell {
            Cell::Text(text) => text_of(value).is_some_and(|wanted| texts(text, operator, wanted)),
            Cell::Number(number) => numbers(*number, operator, value),
            #[expect(clippy::cast_precision_loss, reason = "ids and counts are far below 2^52")]
            Cell::Whole(number) => numbers(*number as f64, operator, value),
            Cell::Flag(flag) => {
                let wanted = text_of(value).map(|text| text == "1" || text.eq_ignore_ascii_case("TRUE"));
                wanted.is_some_and(|wanted| ordered(flag.cmp(&wanted), operator))
            }
            Cell::Date(time) | Cell::RowDate(_, time) => dates(*time, operator, value, now),
            Cell::Lookup(entries) => {
                let meets = |(id, text): &(u32, String)| match (value, by_id) {
                    (Operand::Me, _) => ordered(id.cmp(&self.user), operator),
                    (_, true) => numbers(f64::from(*id), operator, value),
                    (_, false) => text_of(value).is_some_and(|wanted| texts(text, operator, wanted)),
                };
                if operator == Operator::Neq { entries.iter().all(meets) } else { entries.iter().any(meets) }
            }
        }
    }
}

fn text_of(value: &Operand) -> Option<&str> {
    match value {
        Operand::Text { text, .. } => Some(text),
        _ => None,
    }
}

/// Text is compared without regard to case, as the databases of 2007 do.
fn texts(text: &str, operator: Operator, wanted: &str) -> bool {
    let (text, wanted) = (text.to_lowercase(), wanted.to_lowercase());
    match operator {
        Operator::BeginsWith => text.starts_with(&wanted),
        Operator::Contains => text.contains(&wanted),
        _ => ordered(text.cmp(&wanted), operator),
    }
}

fn numbers(number: f64, operator: Operator, value: &Operand) -> bool {
    let wanted = text_of(value).and_then(|text| text.trim().parse::<f64>().ok());
    wanted.and_then(|wanted| number.partial_cmp(&wanted)).is_some_and(|ordering| ordered(ordering, operator))
}

fn dates(time: Timestamp, operator: Operator, value: &Operand, now: Timestamp) -> bool {
    let day = |time: Timestamp| local(time).strftime("%Y-%m-%d").to_string();
    let ordering =
        match value {
            Operand::Now => Some(time.cmp(&now)),
            Operand::Today { offset_days } => {
                let today = now.checked_add(SignedDuration::from_hours(24 * i64::from(*offset_days))).ok();
                today.map(|today| day(time).cmp(&day(today)))
            }
            Operand::Text { text, with_time, in_utc } => {
                let wanted = read_date(text, *in_utc);
                // Without IncludeTimeValue only the day counts; whole seconds are kept.
                wanted.map(|wanted| {
                    if *with_time { time.as_second().cmp(&wanted.as_second()) } else { day(time).cmp(&day(wanted)) }
                })
            }
            Operand::Me | Operand::Nothing => None,
        };
    ordering.is_some_and(|ordering| ordered(ordering, operator))
}

fn ordered(ordering: std::cmp::Ordering, operator: Operator) -> bool {
    match operator {
        Operator::Eq => ordering.is_eq(),
        Operator::Neq => ordering.is_ne(),
        Operator::Gt => ordering.is_gt(),
        Operator::Geq => ordering.is_ge(),
        Operator::Lt => ordering.is_lt(),
        Operator::Leq => ordering.is_le(),
        Operator::BeginsWith | Operator::Contains | Operator::IsNull | Operator::IsNotNull => false,
    }
}
