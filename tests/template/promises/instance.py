"""What an instance is made of: functions and their logs, the API, what is kept, and names."""

import re
from collections.abc import Iterator

import grants
from grants import LOGS, denies_plain_http
from stack import ROOT, Stack, logical

from promises.register import promise

# What an access log may tell. Not the path, which holds the secret of a status page; not who called.
LOGGED = {
    "requestTime", "requestId", "routeKey", "status", "responseLatency", "responseLength", "error.responseType",
    "integrationErrorMessage",
}  # fmt: skip


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
        if stack.is_production() and not table.get("DeletionProtectionEnabled"):
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


@promise
def names_carry_the_stage(stack: Stack) -> Iterator[str]:
    """ST-43: both stages fit into one account."""
    stage = "production" if stack.is_production() else "test"
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
def outputs_tell_where_things_are(stack: Stack) -> Iterator[str]:
    for name in ("ApiUrl", "DashboardUrl", "LedgerTable", "StagingBucket", "Artefact", "Paused"):
        if not stack.outputs.get(name, {}).get("Description"):
            yield f"there is no output {name}, or it is not explained"
