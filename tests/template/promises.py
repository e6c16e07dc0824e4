"""What the template promises. Each promise looks at a stack and says what breaks it: nothing, if it is kept.

Settings that several promises lean on are listed at the top, each with its reason.
"""

import re
from collections.abc import Callable, Iterator

import grants
from stack import ACCOUNT, REGION, ROOT, Stack, dashboard, logical

Promise = Callable[[Stack], Iterator[str]]
PROMISES: list[Promise] = []


def promise(it: Promise) -> Promise:
    """Adds a promise to those that every stack is held against."""
    PROMISES.append(it)
    return it


# Resources with a wildcard that a grant may name, and why it cannot be narrower. Actions have none.
WILDCARDS = {
    "{Staging.Arn}/*/parked/*": "objects bear the tenant and the message, which nobody knows beforehand",
    f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:tieline/*": "tenants are added after the deployment (EX-48)",
}

# What an access log may tell. Not the path, which holds the secret of a status page; not who called.
LOGGED = {
    "requestTime", "requestId", "routeKey", "status", "responseLatency", "responseLength", "error.responseType",
    "integrationErrorMessage",
}  # fmt: skip

# What the two stages may differ in, beside their names.
STAGES_DIFFER = {("Ledger", "DeletionProtectionEnabled")}

# What the emulator takes and AWS refuses, or takes in another way: tests on it would prove nothing, so nobody may.
UNPROVED = {
    "dynamodb:UpdateItem": "overlapping paths in one update",
    "sqs:StartMessageMoveTask": "it is not there; what is dead goes back by SendMessage",
    "s3:AbortMultipartUpload": "parts below 5 MiB; objects are put in one piece",
}

POLLER = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}


@promise
def no_wildcard_is_granted(stack: Stack) -> Iterator[str]:
    """A17: no wildcard in an action, and in a resource only those listed above; no policy that is written elsewhere."""
    for role, properties in stack.all("IAM::Role").items():
        for policy in properties.get("ManagedPolicyArns", []):
            yield f"{role}: {policy} is not written here; SAM adds such to functions without a `Role`"
        for statement in grants.statements(stack, role):
            if "NotAction" in statement or "NotResource" in statement:
                yield f"{role}: grants everything but something"
                continue
            if statement["Effect"] != "Allow":
                continue
            for action in grants.listed(statement["Action"]):
                if re.search(r"[*?]", action) or ":" not in action:
                    yield f"{role}: the action {action}"
            for resource in grants.listed(statement["Resource"]):
                if re.search(r"[*?]", resource) and resource not in WILDCARDS:
                    yield f"{role}: the resource {resource}"
    for kind in ("SQS::QueuePolicy", "S3::BucketPolicy", "SNS::TopicPolicy", "IAM::User", "IAM::Group"):
        for name, properties in stack.all(kind).items():
            for statement in properties.get("PolicyDocument", {"Statement": [{"Effect": "Allow"}]})["Statement"]:
                if statement["Effect"] == "Allow":
                    yield f"{name}: allows something beside the roles"


@promise
def nothing_is_granted_that_the_emulator_cannot_prove(stack: Stack) -> Iterator[str]:
    for role in stack.all("IAM::Role"):
        for action in {grant.action for grant in grants.of_role(stack, role)} & UNPROVED.keys():
            yield f"{role}: {action}: {UNPROVED[action]}"


@promise
def every_listed_wildcard_is_used(stack: Stack) -> Iterator[str]:
    used = {grant.resource for role in stack.all("IAM::Role") for grant in grants.of_role(stack, role)}
    for resource in WILDCARDS.keys() - used:
        yield f"{resource} is listed and not granted to anybody"


@promise
def a_role_serves_one_function(stack: Stack) -> Iterator[str]:
    """A17: one role for each function, which nothing but Lambda may take."""
    roles = [grants.role(stack, function) for function in stack.functions()]
    for role in roles:
        if roles.count(role) > 1:
            yield f"{role} is shared"
        trust = stack.resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        if [it["Principal"] for it in trust] != [{"Service": "lambda.amazonaws.com"}]:
            yield f"{role} can be taken by others than Lambda"


@promise
def a_timer_may_call_its_function_only(stack: Stack) -> Iterator[str]:
    for name, properties in stack.all("Scheduler::Schedule").items():
        target = properties["Target"]
        granted = grants.of_role(stack, logical(target["RoleArn"]))
        if granted != {grants.Grant("lambda:InvokeFunction", target["Arn"])}:
            yield f"{name} may do {sorted(granted)}"


@promise
def no_function_feeds_itself(stack: Stack) -> Iterator[str]:
    """Lambda cuts a chain after 16 turns: no way leads from a function over queues back to it."""
    leads = {}
    for function in stack.functions():
        for action, resource in grants.of_function(stack, function):
            if action == "sqs:SendMessage":
                leads.setdefault(function, set()).add(logical(resource))
    for queue, function, _ in stack.sources():
        leads.setdefault(queue, set()).add(function)
    for queue, properties in stack.all("SQS::Queue").items():
        if "RedrivePolicy" in properties:
            leads.setdefault(queue, set()).add(logical(properties["RedrivePolicy"]["deadLetterTargetArn"]))
    for function in stack.functions():
        seen, ahead = set(), set(leads.get(function, ()))
        while ahead:
            at = ahead.pop()
            seen.add(at)
            ahead |= leads.get(at, set()) - seen
        if function in seen:
            yield f"{function} feeds itself"


def dead_letters(stack: Stack) -> set[str]:
    policies = [it.get("RedrivePolicy") for it in stack.all("SQS::Queue").values()]
    return {logical(policy["deadLetterTargetArn"]) for policy in policies if policy}


@promise
def every_queue_has_dead_letters_kept_longer(stack: Stack) -> Iterator[str]:
    """P4: a poison message blocks nobody, and is there long enough for a person to see it."""
    queues = stack.all("SQS::Queue")
    # SQS's own default is four days.
    kept = {name: it.get("MessageRetentionPeriod", 345600) for name, it in queues.items()}
    for name in queues.keys() - dead_letters(stack):
        redrive = queues[name].get("RedrivePolicy")
        if not redrive:
            yield f"{name} has no dead letters"
            continue
        target = logical(redrive["deadLetterTargetArn"])
        if kept[target] <= kept[name] or kept[target] < 1209600:
            yield f"{target} does not keep messages 14 days, and longer than {name}"
        if redrive["maxReceiveCount"] < 5:
            yield f"{name} gives a message up too early"


@promise
def queues_are_closed(stack: Stack) -> Iterator[str]:
    """Encrypted where they lie and on the way."""
    protected = set()
    for properties in stack.all("SQS::QueuePolicy").values():
        if any(denies_plain_http(it, "sqs:*") for it in properties["PolicyDocument"]["Statement"]):
            protected |= {logical(queue) for queue in properties["Queues"]}
    for name, properties in stack.all("SQS::Queue").items():
        if properties.get("SqsManagedSseEnabled") is not True:
            yield f"{name} is not encrypted"
        if name not in protected:
            yield f"{name} answers without TLS"


def denies_plain_http(statement: dict, action: str) -> bool:
    return (
        statement["Effect"] == "Deny"
        and statement["Principal"] == "*"
        and statement["Action"] == action
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    )


@promise
def a_queue_feeds_a_function_within_limits(stack: Stack) -> Iterator[str]:
    """P8: no backlog takes the account's concurrency; one bad message fails alone; nothing comes twice for slowness."""
    queues, functions = stack.all("SQS::Queue"), stack.functions()
    for queue, function, source in stack.sources():
        limit = source.get("ScalingConfig", {}).get("MaximumConcurrency")
        if not limit or not 2 <= limit <= 100:
            yield f"{function} takes from {queue} without a limit"
        if source.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{function} cannot say which message of {queue} failed"
        # Lambda asks for six times the function's time.
        if queues[queue].get("VisibilityTimeout", 30) < 6 * functions[function]["Timeout"]:
            yield f"a message of {queue} is visible again before {function} is done"
        if queues[queue].get("FifoQueue"):
            yield f"{queue} holds up a tenant's messages behind a failed one"
        needed = {grants.Grant(action, f"{{{queue}.Arn}}") for action in POLLER}
        if not needed <= grants.of_function(stack, function):
            yield f"{function} may not be fed from {queue}"


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


@promise
def every_function_has_a_log_that_ends(stack: Stack) -> Iterator[str]:
    """EX-37: streams are divided by day, retention is a setting; a function writes its own log and makes none."""
    groups = stack.all("Logs::LogGroup")
    for name, properties in groups.items():
        if properties.get("RetentionInDays") != 7:
            yield f"{name} is not kept for LogRetentionDays"
    for name, properties in stack.functions().items():
        reference = properties.get("LoggingConfig", {}).get("LogGroup", "")
        if reference.strip("{}") not in groups:
            yield f"{name} has no log of this template"
            continue
        log = logical(reference)
        if groups[log]["LogGroupName"] != f"/aws/lambda/{properties['FunctionName']}":
            yield f"{log} is not called as the function is"
        allowed = {it for it in grants.of_function(stack, name) if it.action.startswith("logs:")}
        if allowed != {grants.Grant(action, f"{{{log}.Arn}}") for action in LOGS}:
            yield f"{name} may do {sorted(allowed)}"


@promise
def the_access_log_holds_no_secret(stack: Stack) -> Iterator[str]:
    """ST-37: the path of a status page holds its secret; a caller's address is personal data."""
    for name, stage in stack.all("ApiGatewayV2::Stage").items():
        settings = stage.get("AccessLogSettings")
        if not settings:
            yield f"{name} has no access log"
            continue
        told = set(re.findall(r"\$context\.([\w.]+)", settings["Format"]))
        for variable in told - LOGGED:
            yield f"{name} logs {variable}"


@promise
def the_api_is_bounded(stack: Stack) -> Iterator[str]:
    """What a stranger can make us spend has a limit on every route."""
    for name, stage in stack.all("ApiGatewayV2::Stage").items():
        routes = stage.get("RouteSettings", {})
        for settings in [stage.get("DefaultRouteSettings", {}), *routes.values()]:
            rate, burst = settings.get("ThrottlingRateLimit"), settings.get("ThrottlingBurstLimit")
            if not rate or not burst or rate > 1000 or burst > 1000:
                yield f"{name} is not throttled"
    known = {
        f"{method.upper()} {path}"
        for api in stack.all("ApiGatewayV2::Api").values()
        for path, methods in api["Body"]["paths"].items()
        for method in methods
    }
    for stage in stack.all("ApiGatewayV2::Stage").values():
        for route in stage.get("RouteSettings", {}).keys() - known:
            yield f"{route} has settings and does not exist"


@promise
def what_is_kept_is_protected(stack: Stack) -> Iterator[str]:
    """A stack that is removed takes no customer's data with it, and a mistake of today can be undone tomorrow."""
    for name in [*stack.all("DynamoDB::Table"), *stack.all("S3::Bucket")]:
        resource = stack.resources[name]
        if [resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")] != ["Retain", "Retain"]:
            yield f"{name} goes with the stack"
    for name, table in stack.all("DynamoDB::Table").items():
        if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield f"{name} cannot be restored"
        if not table.get("SSESpecification", {}).get("SSEEnabled"):
            yield f"{name} is encrypted with a key that is not the account's"
        if is_production(stack) and not table.get("DeletionProtectionEnabled"):
            yield f"{name} can be deleted in production"
    closed = set()
    for policy in stack.all("S3::BucketPolicy").values():
        if any(denies_plain_http(it, "s3:*") for it in policy["PolicyDocument"]["Statement"]):
            closed.add(logical(policy["Bucket"]))
    for name, bucket in stack.all("S3::Bucket").items():
        if set(bucket.get("PublicAccessBlockConfiguration", {}).values()) != {True}:
            yield f"{name} may become public"
        if "BucketEncryption" not in bucket or name not in closed:
            yield f"{name} is not encrypted, or answers without TLS"
        rules = bucket.get("LifecycleConfiguration", {}).get("Rules", [])
        if not any("ExpirationInDays" in it and "AbortIncompleteMultipartUpload" in it for it in rules):
            yield f"{name} keeps files, or pieces of them, for ever"


def is_production(stack: Stack) -> bool:
    return any("-production-" in it["FunctionName"] for it in stack.functions().values())


@promise
def names_carry_the_stage(stack: Stack) -> Iterator[str]:
    """ST-43: both stages fit into one account."""
    stage = "production" if is_production(stack) else "test"
    for name, resource in stack.resources.items():
        for key, value in resource.get("Properties", {}).items():
            given = key in ("Name", "FunctionName", "QueueName", "TableName", "BucketName", "TopicName", "RoleName",
                            "LogGroupName", "AlarmName", "DashboardName")  # fmt: skip
            if given and isinstance(value, str) and not value.startswith("{") and f"tieline-{stage}" not in value:
                yield f"{name}: {value}"


@promise
def functions_are_built_once(stack: Stack) -> Iterator[str]:
    """ST-43: what is deployed is what scripts/build made, for both stages; nothing is built on the way."""
    for name, properties in stack.functions().items():
        if properties["Code"]["S3Key"] != f"target/lambda/{stack.name(name)}":
            yield f"{name} is made from {properties['Code']['S3Key']}"
        if (properties["Runtime"], properties["Handler"]) != ("provided.al2023", "bootstrap"):
            yield f"{name} is no bootstrap"
        if properties.get("TracingConfig", {}).get("Mode", "PassThrough") != "PassThrough":
            yield f"{name} sends traces, which nobody granted"
    architectures = {tuple(it["Architectures"]) for it in stack.functions().values()}
    if len(architectures) != 1:
        yield f"functions are for {architectures}"


@promise
def functions_are_told_what_they_read(stack: Stack) -> Iterator[str]:
    """A variable that nobody reads is a mistake in its name."""
    sources = "".join(path.read_text() for path in (ROOT / "functions").rglob("*.rs"))
    queues = {stack.name(queue).upper().replace("-", "_") for queue in stack.all("SQS::Queue")}
    for name, properties in stack.functions().items():
        variables = properties["Environment"]["Variables"]
        for variable in variables:
            of_queue = variable.removeprefix("TIELINE_QUEUE_")
            if not (of_queue in queues if of_queue != variable else f'"{variable}"' in sources):
                yield f"{name}: nobody reads {variable}"
        for action, resource in grants.of_function(stack, name):
            variable = f"TIELINE_QUEUE_{stack.name(logical(resource)).upper().replace('-', '_')}" \
                if action == "sqs:SendMessage" else "TIELINE_BACK"  # fmt: skip
            if variable not in variables:
                yield f"{name} is not told {variable}, and may not ask"


@promise
def a_timer_is_not_repeated(stack: Stack) -> Iterator[str]:
    """The next tick does the work of one that failed; names are given, or two stacks would share one schedule."""
    configured = {logical(it["FunctionName"]): it for it in stack.all("Lambda::EventInvokeConfig").values()}
    for name, properties in stack.all("Scheduler::Schedule").items():
        if not properties.get("Name", "").startswith("tieline-"):
            yield f"{name} has no name of its own"
        if properties["Target"].get("RetryPolicy", {}).get("MaximumRetryAttempts") != 0:
            yield f"{name} repeats a tick"
        if configured.get(logical(properties["Target"]["Arn"]), {}).get("MaximumRetryAttempts") != 0:
            yield f"{name} calls a function that repeats a failed tick"


@promise
def outputs_tell_where_things_are(stack: Stack) -> Iterator[str]:
    for name in ("ApiUrl", "DashboardUrl", "LedgerTable", "StagingBucket", "Artefact", "Paused"):
        if not stack.outputs.get(name, {}).get("Description"):
            yield f"there is no output {name}, or it is not explained"
