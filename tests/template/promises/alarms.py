"""What a person is told of."""

import re
from collections.abc import Iterator

from stack import ROOT, Stack, dashboard

from promises.queues import dead_letters
from promises.register import promise


def metrics(alarm: dict) -> list[dict]:
    """What an alarm looks at."""
    if "Metrics" not in alarm:
        return [alarm]
    return [it["MetricStat"]["Metric"] for it in alarm["Metrics"] if "MetricStat" in it]


def dimension(metric: dict, name: str) -> str | None:
    return next((it["Value"] for it in metric.get("Dimensions", []) if it["Name"] == name), None)


def watched(stack: Stack, metric: str, by: str) -> dict[str, dict]:
    """The alarm for a metric, by the value of a dimension."""
    return {
        dimension(it, by): alarm
        for alarm in stack.all("CloudWatch::Alarm").values()
        for it in metrics(alarm)
        if it["MetricName"] == metric
    }


@promise
def every_queue_has_an_alarm(stack: Stack) -> Iterator[str]:
    """P4: what is dead is seen, whether it lies there or was taken at once; what waits too long is, too."""
    dead = dead_letters(stack)
    for name in stack.all("SQS::Queue"):
        wanted = ["ApproximateNumberOfMessagesVisible", "NumberOfMessagesReceived"]
        for metric in wanted if name in dead else ["ApproximateAgeOfOldestMessage"]:
            if f"{{{name}.QueueName}}" not in watched(stack, metric, "QueueName"):
                yield f"nobody is told of {metric} of {name}"


@promise
def every_function_has_alarms(stack: Stack) -> Iterator[str]:
    time = watched(stack, "Duration", "FunctionName")
    for name, properties in stack.functions().items():
        for metric in ("Errors", "Throttles", "Duration"):
            if f"{{{name}}}" not in watched(stack, metric, "FunctionName"):
                yield f"nobody is told of {metric} of {name}"
        of_code = stack.name(name).replace("-", "_")
        expression = time.get(f"{{{name}}}", {}).get("Metrics", [{}])[0].get("Expression", "")
        if not re.search(rf"\b{of_code} / {properties['Timeout']}000\b", expression):
            yield f"the alarm for time does not know the time limit of {name}"
    dead = dead_letters(stack)
    for queue, function, _ in stack.sources():
        if queue not in dead and stack.name(function) not in watched(stack, "MessagesParked", "Function"):
            yield f"nobody is told of messages of {queue} that {function} parks"


@promise
def a_timer_that_stands_still_is_noticed(stack: Stack) -> Iterator[str]:
    for timer, function in stack.timers().items():
        alarm = watched(stack, "Invocations", "FunctionName").get(f"{{{function}}}", {})
        if alarm.get("TreatMissingData") != "breaching" or alarm.get("ComparisonOperator") != "LessThanThreshold":
            yield f"nobody is told that {timer} stands still"


@promise
def an_alarm_can_be_heard(stack: Stack) -> Iterator[str]:
    for name, alarm in stack.all("CloudWatch::Alarm").items():
        if alarm.get("AlarmActions") != ["{AlarmTopic}"]:
            yield f"{name} tells nobody"
        if f"{{{name}.Arn}}" not in str(dashboard(stack)):
            yield f"{name} is not on the dashboard"
        # CloudWatch's limit for one alarm.
        if not 1 <= len(metrics(alarm)) <= 10:
            yield f"{name} looks at {len(metrics(alarm))} metrics"
        if not alarm.get("AlarmDescription"):
            yield f"{name} does not say what is wrong"


@promise
def the_availability_that_is_promised_is_watched(stack: Stack) -> Iterator[str]:
    """ST-46: 99.9 % in 30 days; alarms at the rates that use the budget up in two and five days; budget on show."""
    rates = {}
    for alarm in stack.all("CloudWatch::Alarm").values():
        for it in alarm.get("Metrics", []):
            if it.get("MetricStat", {}).get("Metric", {}).get("MetricName") == "5xx":
                rates[it["MetricStat"]["Period"] // 3600] = alarm["Threshold"]
    if rates != {1: 1.44, 6: 0.6}:
        yield f"the API's failures raise an alarm at {rates}"
    shown = [it["properties"] for it in dashboard(stack)["widgets"] if it["properties"].get("start") == "-P30D"]
    if not any("error budget left" in str(it) and "/ 0.001" in str(it) for it in shown):
        yield "the dashboard shows no error budget"


@promise
def metrics_of_our_own_exist(stack: Stack) -> Iterator[str]:
    """Alarms and dashboard look at nothing that the code does not count."""
    sources = "".join(path.read_text() for path in (ROOT / "functions").rglob("*.rs"))
    named = set(re.findall(r'\{Tieline/\w+,\w+\} MetricName="(\w+)"', str(dashboard(stack)).replace("\\", "")))
    for alarm in stack.all("CloudWatch::Alarm").values():
        named |= {it["MetricName"] for it in metrics(alarm) if it["Namespace"].startswith("Tieline/")}
    if not named:
        yield "nothing of our own is looked at"
    for name in named:
        if not re.search(rf'metric\(\s*"{name}"', sources):
            yield f"nothing counts {name}"
