//! JSON logs, metrics, and the words that every log line of a delivery carries.
//!
//! Lines go to standard output, where Lambda collects them. Nothing here ever prints a body.

use std::{cell::RefCell, fmt, io, panic, sync::LazyLock};

use domain::{Clock, SystemClock, TenantId};
use serde_json::{Map, Value, json};
use tracing::{Event, Level, Span, Subscriber, field::Visit};
use tracing_subscriber::{
    filter::Targets,
    fmt::{
        FmtContext, FormatEvent, FormatFields, MakeWriter,
        format::{Format, Json, JsonFields, Writer},
    },
    layer::SubscriberExt,
    registry::LookupSpan,
};

/// The target of metric events. Its lines are EMF documents, not log lines.
const METRIC: &str = "tieline::metric";

/// CloudWatch's namespace for all metrics of the engine: `Tieline/<stage>`, so that two instances in one account are
/// told apart. `Tieline` alone where `TIELINE_STAGE` says nothing.
static NAMESPACE: LazyLock<String> = LazyLock::new(|| namespace(std::env::var("TIELINE_STAGE").ok().as_deref()));

fn namespace(stage: Option<&str>) -> String {
    stage.filter(|stage| !stage.is_empty()).map_or_else(|| "Tieline".to_owned(), |stage| format!("Tieline/{stage}"))
}

/// Sends logs and metrics of this process to standard output. The second call does nothing.
///
/// `TIELINE_LOG` chooses what is logged, as `info,transport=debug`: levels by crate; `info` if absent. Also lets a panic be
/// logged with its place only, since its message may quote anything.
pub fn init() {
    let filter = std::env::var("TIELINE_LOG").unwrap_or_else(|_| "info".to_owned());
    if tracing::subscriber::set_global_default(subscriber(&filter, io::stdout)).is_ok() {
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "panicked at {place}");
        }));
    }
}

/// What [`init`] installs, writing to `writer`: for a process that has its own place for logs, and for tests.
pub fn subscriber<W>(filter: &str, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    // `EnvFilter` could also filter by spans and fields, and brings regular expressions into every function.
    let filter = filter
        .parse::<Targets>()
        .unwrap_or_else(|_| Targets::new().with_default(Level::INFO))
        // Metrics are not a matter of taste, and the runtime prints whole events when it is chatty.
        .with_target(METRIC, Level::INFO)
        .with_target("lambda_runtime", Level::WARN);
    let json = tracing_subscriber::fmt::format().json().flatten_event(true);
    let lines =
        tracing_subscriber::fmt::layer().with_writer(writer).fmt_fields(JsonFields::new()).event_format(Lines(json));
    tracing_subscriber::registry().with(filter).with(lines)
}

/// Records on the current span on whose behalf this happens, when the function finds out by itself.
pub fn tenant(tenant: &TenantId) {
    Span::current().record("tenant", tenant.as_str());
}

/// Records on the current span what this is about: an id of ours or of CRM, never a name or an address.
pub fn identify(id: impl fmt::Display) {
    let id = id.to_string();
    Span::current().record("business_id", &id);
    // Outside of a delivery nobody asks.
    let _ = ABOUT.try_with(|about| about.replace(Some(id)));
}

tokio::task_local! {
    /// What the delivery under way is about.
    static ABOUT: RefCell<Option<String>>;
}

/// Does `work` and hears what it [`identify`]s.
pub(crate) async fn hearing<F: Future>(work: F) -> (F::Output, Option<String>) {
    let heard = async { (work.await, ABOUT.with(RefCell::take)) };
    ABOUT.scope(RefCell::default(), heard).await
}

/// What a metric counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Time.
    Milliseconds,
    /// Size.
    Bytes,
}

/// Counts or measures something: one line in CloudWatch's embedded metric format.
///
/// `dimensions` are name and value, at most 30, of few different values each; the tenant may be one. They must not be
/// named as the metric is. Goes through `tracing`, so that it appears only where [`init`] or a test listens.
pub fn metric(name: &str, value: f64, unit: Unit, dimensions: &[(&str, &str)]) {
    tracing::info!(target: METRIC, emf = emf(name, value, unit, dimensions));
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
fn emf(name: &str, value: f64, unit: Unit, dimensions: &[(&str, &str)]) -> String {
    let names: Vec<&str> = dimensions.iter().map(|(name, _)| *name).collect();
    let mut line: Map<String, Value> =
        dimensions.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    line.insert(name.to_owned(), value.into());
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": SystemClock.now().as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": *NAMESPACE,
                "Dimensions": [names],
                "Metrics": [{ "Name": name, "Unit": format!("{unit:?}") }],
            }],
        }),
    );
    Value::Object(line).to_string()
}

/// JSON log lines, and EMF documents as they are.
struct Lines(Format<Json>);

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, ctx: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        if event.metadata().target() != METRIC {
            return self.0.format_event(ctx, writer, event);
        }
        let mut document = Document::default();
        event.record(&mut document);
        writeln!(writer, "{}", document.0)
    }
}

#[derive(Default)]
struct Document(String);

impl Visit for Document {
    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        if field.name() == "emf" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn fmt::Debug) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_one_embedded_metric_document() {
        let line = emf("MessagesParked", 2.0, Unit::Count, &[("Queue", "build-site")]);
        let mut document: Value = serde_json::from_str(&line).expect("JSON");
        assert!(!line.contains('\n'));
        assert!(document["_aws"]["Timestamp"].take().as_i64().is_some_and(|millis| millis > 1_600_000_000_000));
        assert_eq!(
            document,
            json!({
                "_aws": {
                    "Timestamp": null,
                    "CloudWatchMetrics": [{
                        "Namespace": "Tieline",
                        "Dimensions": [["Queue"]],
                        "Metrics": [{ "Name": "MessagesParked", "Unit": "Count" }],
                    }],
                },
                "MessagesParked": 2.0,
                "Queue": "build-site",
            })
        );
    }

    #[test]
    fn each_stage_has_metrics_of_its_own() {
        assert_eq!(namespace(Some("production")), "Tieline/production");
        assert_eq!([namespace(Some("")), namespace(None)], ["Tieline", "Tieline"]);
    }
}
