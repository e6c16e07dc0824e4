//! Which records pass a filter, and whom they are linked to.

use std::cmp::Ordering;

use domain::{SignedDuration, Timestamp};

use super::{
    fault::Refusal,
    organisation::{Organisation, Record},
    query::{Condition, Filter, Link, Operator},
    schema::{Entity, Kind},
    security::Caller,
    value::{self, SortKey, Value, sort_key},
};

/// Sifts records as the caller, now.
pub(crate) struct Sieve<'o, 'c> {
    pub(crate) organisation: &'o Organisation,
    pub(crate) caller: &'c Caller,
    pub(crate) now: Timestamp,
}

/// Columns of linked records: name in the result, entity, attribute, value.
pub(crate) type Linked<'o> = Vec<(String, &'o Entity, String, &'o Value)>;

impl<'o> Sieve<'o, '_> {
    /// Whether the record passes.
    pub(crate) fn passes(&self, entity: &Entity, record: &Record, filter: &Filter) -> Result<bool, Refusal> {
        let mut verdicts = Vec::new();
        for condition in &filter.conditions {
            verdicts.push(self.holds(entity, record, condition)?);
        }
        for inner in &filter.filters {
            verdicts.push(self.passes(entity, record, inner)?);
        }
        let any = filter.any && !verdicts.is_empty();
        Ok(if any { verdicts.contains(&true) } else { !verdicts.contains(&false) })
    }

    /// Every combination of linked rows, with the columns they give; none when an inner join finds nobody.
    pub(crate) fn linked(
        &self,
        entity: &Entity,
        record: &'o Record,
        links: &[Link],
    ) -> Result<Vec<Linked<'o>>, Refusal> {
        let mut combinations: Vec<Linked<'o>> = vec![Vec::new()];
        for link in links {
            entity.attribute(&link.to)?;
            let other = self.organisation.schema.entity(&link.entity)?;
            other.attribute(&link.from)?;
            let here = record.get(&link.to).map(sort_key);
            let mut found = Vec::new();
            let ids = here.map(|here| self.organisation.joined(&other.name, &link.from, &here)).unwrap_or_default();
            for candidate in ids.iter().filter_map(|id| self.organisation.record(&other.name, *id)) {
                if !self.passes(other, candidate, &link.filter)? {
                    continue;
                }
                let columns = link.columns.iter().filter_map(|column| {
                    Some((format!("{}.{column}", link.alias), other, column.clone(), candidate.get(column)?))
                });
                let own: Linked<'o> = columns.collect();
                for deeper in self.linked(other, candidate, &link.links)? {
                    found.push([own.clone(), deeper].concat());
                }
            }
            link.columns.iter().try_for_each(|column| other.attribute(column).map(drop))?;
            if found.is_empty() && link.outer {
                found.push(Vec::new());
            }
            let extend = |before: &Linked<'o>| found.iter().map(|new| [before.clone(), new.clone()].concat()).collect();
            combinations = combinations.iter().flat_map(|before| -> Vec<_> { extend(before) }).collect();
        }
        Ok(combinations)
    }

    /// A null fits no comparison, as in SQL.
    fn holds(&self, entity: &Entity, record: &Record, condition: &Condition) -> Result<bool, Refusal> {
        let Condition { attribute, operator, values } = condition;
        let kind = &entity.attribute(attribute)?.kind;
        let zone = &self.organisation.zone;
        let actual = record.get(attribute);
        let reference = match actual {
            Some(Value::Reference { entity, .. }) => Some(entity.as_str()),
            _ => match kind {
                Kind::Lookup(only) if only == "*" => Some("account"),
                Kind::Customer => Some("account"),
                _ => None,
            },
        };
        let read = |text: &String| value::read(entity, attribute, text, reference, zone).map(|value| sort_key(&value));
        let wanted = |at: usize| {
            values.get(at).ok_or_else(|| Refusal::invalid(format!("{operator:?} of '{attribute}' lacks a value.")))
        };
        let is = |verdict: fn(Ordering) -> bool| {
            let expected = read(wanted(0)?)?;
            Ok(actual.is_some_and(|value| verdict(sort_key(value).compare(&expected))))
        };
        match operator {
            Operator::Null => Ok(actual.is_none()),
            Operator::NotNull => Ok(actual.is_some()),
            Operator::Equal => is(Ordering::is_eq),
            Operator::NotEqual => is(Ordering::is_ne),
            Operator::GreaterThan => is(Ordering::is_gt),
            Operator::LessThan => is(Ordering::is_lt),
            Operator::GreaterEqual => is(Ordering::is_ge),
            Operator::LessEqual => is(Ordering::is_le),
            Operator::In | Operator::NotIn => {
                let expected = values.iter().map(read).collect::<Result<Vec<_>, _>>()?;
                let is_in = |value: &Value| expected.contains(&sort_key(value));
                Ok(actual.is_some_and(|value| is_in(value) == (*operator == Operator::In)))
            }
            Operator::Between | Operator::NotBetween => {
                let (low, high) = (read(wanted(0)?)?, read(wanted(1)?)?);
                let within = |key: &SortKey| key.compare(&low).is_ge() && key.compare(&high).is_le();
                let inside = *operator == Operator::Between;
                Ok(actual.is_some_and(|value| within(&sort_key(value)) == inside))
            }
            Operator::Like | Operator::NotLike => {
                let pattern = wanted(0)?.to_lowercase();
                let alike = |text: &str| like(&text.to_lowercase(), &pattern);
                let wants = *operator == Operator::Like;
                Ok(actual.and_then(Value::as_text).is_some_and(|text| alike(text) == wants))
            }
            Operator::On | Operator::OnOrBefore | Operator::OnOrAfter => {
                let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
                let Value::Moment(wanted) = value::read(entity, attribute, wanted(0)?, None, zone)? else {
                    return Err(Refusal::invalid(format!("'{attribute}' is no date.")));
                };
                let Some(Value::Moment(actual)) = actual else { return Ok(false) };
                let ordering = day(*actual).cmp(&day(wanted));
                Ok(match operator {
                    Operator::On => ordering.is_eq(),
                    Operator::OnOrBefore => ordering.is_le(),
                    _ => ordering.is_ge(),
                })
            }
            Operator::LastXHours | Operator::LastXDays => {
                let count: i64 = wanted(0)?.trim().parse().map_err(|_| Refusal::invalid("a count is expected"))?;
                let hours = if *operator == Operator::LastXDays { count.saturating_mul(24) } else { count };
                let since =
                    self.now.as_second().saturating_sub(SignedDuration::from_hours(hours.clamp(0, 1 << 24)).as_secs());
                let Some(Value::Moment(actual)) = actual else { return Ok(false) };
                Ok((since..=self.now.as_second()).contains(&actual.as_second()))
            }
            Operator::EqualUserId | Operator::NotEqualUserId => {
                let is_caller = |value: &Value| value.as_id() == Some(self.caller.user);
                Ok(actual.is_some_and(|value| is_caller(value) == (*operator == Operator::EqualUserId)))
            }
        }
    }
}

/// SQL's `LIKE` with `%` and `_`.
fn like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    // Greedy with one way back suffices: the latest `%` can always take one character more.
    let (mut at, mut to, mut back) = (0, 0, None);
    while at < text.len() {
        match pattern.get(to) {
            Some('%') => {
                back = Some((to, at));
                to += 1;
            }
            Some(&wanted) if wanted == '_' || wanted == text[at] => {
                at += 1;
                to += 1;
            }
            _ => match back {
                Some((star, from)) => {
                    back = Some((star, from + 1));
                    to = star + 1;
                    at = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[to..].iter().all(|&rest| rest == '%')
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn like_takes_any_run_for_a_percent_sign_and_one_character_for_an_underscore() {
        for (text, pattern) in [("harbour", "h%r"), ("harbour", "%"), ("", "%"), ("abcab", "%ab"), ("a%b", "a_b")] {
            assert!(like(text, pattern), "{text} like {pattern}");
        }
        for (text, pattern) in [("harbour", "h%t"), ("harbour", "harbou"), ("", "_"), ("abc", "%ab")] {
            assert!(!like(text, pattern), "{text} not like {pattern}");
        }
    }
}
