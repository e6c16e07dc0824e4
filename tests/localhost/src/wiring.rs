//! What `template.yaml` says of functions, routes, queues and timers.

use std::{fs, path::Path};

use domain::SignedDuration;
use platform::memory::QueueSettings;
use serde_json::Value;

/// The wiring of the whole template.
#[derive(Clone, Debug)]
pub struct Wiring {
    /// Function names and their time limits.
    pub functions: Vec<(String, SignedDuration)>,
    /// Routes of the HTTP API.
    pub routes: Vec<Route>,
    /// Queues by name.
    pub queues: Vec<(String, QueueSettings)>,
    /// Queues that feed functions.
    pub sources: Vec<Source>,
    /// Timers.
    pub schedules: Vec<Schedule>,
}

/// A route: `POST /v1/presses`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method, upper case.
    pub method: String,
    /// The path, with `{name}` for a segment.
    pub path: String,
    /// The function that answers.
    pub function: String,
}

/// A queue that feeds a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The queue.
    pub queue: String,
    /// The function.
    pub function: String,
    /// Messages per event, at most.
    pub batch: usize,
    /// Whether the function says which messages of an event failed; otherwise all of them did.
    pub partial: bool,
}

/// A timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The function.
    pub function: String,
    /// How often.
    pub every: SignedDuration,
}

/// Why a template cannot be run here.
#[derive(Debug, thiserror::Error)]
pub enum WiringError {
    /// Not there, or not readable.
    #[error("template.yaml: {0}")]
    Absent(String),
    /// Not YAML.
    #[error("the template is not YAML: {0}")]
    Yaml(String),
    /// Something that this host does not understand or that is missing.
    #[error("{resource}: {problem}")]
    Resource {
        /// The resource's logical id.
        resource: String,
        /// What is wrong.
        problem: String,
    },
}

impl Wiring {
    /// Reads the template below the checkout's root.
    pub fn of(root: &Path) -> Result<Self, WiringError> {
        let template = fs::read_to_string(root.join("template.yaml"));
        Self::read(&template.map_err(|error| WiringError::Absent(error.to_string()))?)
    }

    /// Reads a template.
    pub fn read(template: &str) -> Result<Self, WiringError> {
        let template: Value = serde_saphyr::from_str(template).map_err(|error| WiringError::Yaml(error.to_string()))?;
        let resources = template["Resources"].as_object().ok_or_else(|| wrong("Resources", "missing"))?;
        let mut wiring = Self { functions: vec![], routes: vec![], queues: vec![], sources: vec![], schedules: vec![] };
        for (id, resource) in resources {
            let properties = &resource["Properties"];
            match resource["Type"].as_str() {
                Some("AWS::Serverless::Function") => wiring.function(id, properties, &template)?,
                Some("AWS::SQS::Queue") => wiring.queue(id, properties, &template)?,
                _ => {}
            }
        }
        Ok(wiring)
    }

    /// The time limit of a function.
    pub fn timeout(&self, function: &str) -> Option<SignedDuration> {
        self.functions.iter().find(|(name, _)| name == function).map(|(_, timeout)| *timeout)
    }

    fn function(&mut self, id: &str, properties: &Value, template: &Value) -> Result<(), WiringError> {
        let name = name(id, properties, "FunctionName")?;
        self.functions.push((name.clone(), SignedDuration::from_secs(number(id, properties, "Timeout")?)));
        let Some(events) = properties["Events"].as_object() else { return Ok(()) };
        for (event_id, event) in events {
            let (at, details) = (format!("{id}.{event_id}"), &event["Properties"]);
            match event["Type"].as_str() {
                Some("HttpApi") => self.routes.push(Route {
                    method: text(&at, details, "Method")?.to_uppercase(),
                    path: text(&at, details, "Path")?,
                    function: name.clone(),
                }),
                Some("SQS") => self.sources.push(Source {
                    queue: referred(&at, &details["Queue"], template)?,
                    function: name.clone(),
                    batch: usize::try_from(number(&at, details, "BatchSize")?).unwrap_or(1),
                    partial: details["FunctionResponseTypes"]
                        .as_array()
                        .is_some_and(|types| types.iter().any(|it| it == "ReportBatchItemFailures")),
                }),
                Some("ScheduleV2") => {
                    let every = rate(&text(&at, details, "ScheduleExpression")?)
                        .ok_or_else(|| wrong(&at, "the schedule is not rate(…)"))?;
                    self.schedules.push(Schedule { function: name.clone(), every });
                }
                _ => return Err(wrong(&at, "an event of a type that is not known here")),
            }
        }
        Ok(())
    }

    fn queue(&mut self, id: &str, properties: &Value, template: &Value) -> Result<(), WiringError> {
        let mut settings = QueueSettings::default();
        if !properties["VisibilityTimeout"].is_null() {
            settings.visibility = SignedDuration::from_secs(number(id, properties, "VisibilityTimeout")?);
        }
        let redrive = &properties["RedrivePolicy"];
        if !redrive.is_null() {
            settings.dead_letter = Some(referred(id, &redrive["deadLetterTargetArn"], template)?);
            settings.max_receive = u32::try_from(number(id, redrive, "maxReceiveCount")?).unwrap_or(u32::MAX);
        }
        self.queues.push((name(id, properties, "QueueName")?, settings));
        Ok(())
    }
}

/// The name of the queue that `Fn::GetAtt: [Id, Arn]` refers to.
fn referred(at: &str, reference: &Value, template: &Value) -> Result<String, WiringError> {
    let id = reference["Fn::GetAtt"][0].as_str().ok_or_else(|| wrong(at, "the queue is not given by Fn::GetAtt"))?;
    name(id, &template["Resources"][id]["Properties"], "QueueName")
}

/// A name in the account, `tieline-<stage>-build-site`, as the code knows it: `build-site`.
fn name(at: &str, properties: &Value, of: &str) -> Result<String, WiringError> {
    let in_account = properties[of]["Fn::Sub"].as_str().ok_or_else(|| wrong(at, &format!("{of} is no Fn::Sub")))?;
    let name = in_account.strip_prefix("tieline-${Stage}-").filter(|name| !name.contains('$'));
    name.map(ToOwned::to_owned).ok_or_else(|| wrong(at, &format!("{of} is not tieline-${{Stage}}-… and a plain name")))
}

fn text(at: &str, properties: &Value, name: &str) -> Result<String, WiringError> {
    properties[name].as_str().map(ToOwned::to_owned).ok_or_else(|| wrong(at, &format!("{name} is missing")))
}

fn number(at: &str, properties: &Value, name: &str) -> Result<i64, WiringError> {
    properties[name].as_i64().ok_or_else(|| wrong(at, &format!("{name} is missing or no number")))
}

fn wrong(resource: &str, problem: &str) -> WiringError {
    WiringError::Resource { resource: resource.to_owned(), problem: problem.to_owned() }
}

/// `rate(5 minutes)`.
fn rate(expression: &str) -> Option<SignedDuration> {
    let (count, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let count: i64 = count.parse().ok().filter(|count| *count > 0)?;
    let unit = match unit.trim_end_matches('s') {
        "minute" => SignedDuration::from_mins(1),
        "hour" => SignedDuration::from_hours(1),
        "day" => SignedDuration::from_hours(24),
        _ => return None,
    };
    unit.checked_mul(i32::try_from(count).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The template's own wiring, as this host runs it.
    #[test]
    fn the_template_wires_every_function_once() {
        let wiring = Wiring::read(include_str!("../../../template.yaml")).expect("our own template");
        let mut names: Vec<_> = wiring.functions.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "build-site",
                "issues",
                "manage-tenant",
                "note-dead",
                "request-site",
                "request-sweep",
                "send-dispatch",
                "send-poll",
                "send-stage",
                "wake"
            ]
        );
        assert!(wiring.routes.contains(&Route {
            method: "POST".to_owned(),
            path: "/v1/presses".to_owned(),
            function: "request-site".to_owned()
        }));
        let source = Source { queue: "build-site".into(), function: "build-site".into(), batch: 1, partial: true };
        assert!(wiring.sources.contains(&source));
        // P4: whatever a queue gives up on is noted.
        for (name, queue) in &wiring.queues {
            let Some(dead) = &queue.dead_letter else { continue };
            assert_eq!(*dead, format!("{name}-dead-letters"));
            let noted = wiring.sources.iter().filter(|source| source.queue == *dead);
            assert_eq!(noted.map(|source| &*source.function).collect::<Vec<_>>(), ["note-dead"], "{dead}");
        }
        let (_, queue) = wiring.queues.iter().find(|(name, _)| name == "build-site").expect("the queue");
        assert_eq!((queue.max_receive, queue.dead_letter.as_deref()), (5, Some("build-site-dead-letters")));
        let timeout = wiring.timeout("build-site").expect("a time limit");
        assert_eq!(queue.visibility, timeout * 6, "Lambda asks for six times the function's timeout");
    }

    #[test]
    fn a_schedule_is_read_and_nonsense_is_not() {
        assert_eq!(rate("rate(1 minute)"), Some(SignedDuration::from_mins(1)));
        assert_eq!(rate("rate(2 hours)"), Some(SignedDuration::from_hours(2)));
        for bad in ["", "rate(0 minutes)", "rate(-1 minutes)", "cron(0 * * * ? *)", "rate(1 fortnight)"] {
            assert_eq!(rate(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_run_is_named() {
        let error = |name: &str| {
            let function = format!("Type: AWS::Serverless::Function\n    Properties: {{FunctionName: {name}}}");
            Wiring::read(&format!("Resources:\n  A:\n    {function}\n")).expect_err("something is wrong").to_string()
        };
        assert_eq!(error("{'Fn::Sub': 'tieline-${Stage}-a'}"), "A: Timeout is missing or no number");
        assert_eq!(error("a"), "A: FunctionName is no Fn::Sub");
        for odd in ["a", "tieline-a", "tieline-${Stage}-${a}"] {
            let told = error(&format!("{{'Fn::Sub': '{odd}'}}"));
            assert_eq!(told, "A: FunctionName is not tieline-${Stage}-… and a plain name");
        }
    }
}
