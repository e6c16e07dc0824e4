"""Every promise holds for each stage and architecture, and notices the mistakes that it is there for."""

import copy

import promises
import pytest
from conftest import SETTINGS
from stack import ARCHITECTURES, STAGES, Stack

# What the two stages may differ in, beside their names.
STAGES_DIFFER = {("Ledger", "DeletionProtectionEnabled")}


@pytest.mark.parametrize("promise", promises.PROMISES, ids=lambda it: it.__name__)
def test_the_template_keeps(promise, stack):
    assert list(promise(stack)) == []


def statements(written: dict, role: str) -> list:
    return written["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]


def grant(role: str, action: str, resource):
    def mistake(written):
        statements(written, role).append({"Effect": "Allow", "Action": [action], "Resource": resource})

    return mistake


def put(path: str, value):
    """Sets what the path leads to; `...` takes it away."""

    def mistake(written):
        *way, last = path.split("/")
        at = written["Resources"]
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at[step]
        last = int(last) if isinstance(at, list) else last
        if value is ...:
            del at[last]
        else:
            at[last] = value

    return mistake


def without_role(written):
    """Then SAM makes one, with a managed policy that lets it write every log."""
    del written["Resources"]["Wake"]["Properties"]["Role"]
    del written["Resources"]["WakeRole"]


def nobody_reads_or_writes_objects(written):
    for name, resource in written["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            kept = [it for it in statements(written, name) if not str(it["Action"]).startswith("['s3:")]
            statements(written, name)[:] = kept


def a_queue_between_build_site_and_itself(written):
    """build-site sends to a second queue, whose function sends to the first one."""
    resources = written["Resources"]
    resources["OtherQueue"] = copy.deepcopy(resources["BuildSiteQueue"])
    resources["OtherQueue"]["Properties"]["QueueName"] = {"Fn::Sub": "tieline-${Stage}-other"}
    source = copy.deepcopy(resources["BuildSite"]["Properties"]["Events"]["Messages"])
    source["Properties"]["Queue"] = {"Fn::GetAtt": ["OtherQueue", "Arn"]}
    resources["Wake"]["Properties"]["Events"]["Other"] = source
    grant("BuildSiteRole", "sqs:SendMessage", {"Fn::GetAtt": ["OtherQueue", "Arn"]})(written)


def another_queue(written):
    resources = written["Resources"]
    resources["OtherQueue"] = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "other"}}


def another_function(written):
    """Copied with its log and role, and no alarm."""
    resources = written["Resources"]
    for part in ("", "Log", "Role"):
        copied = copy.deepcopy(resources[f"RequestSite{part}"])
        resources[f"Other{part}"] = copied
    other = resources["Other"]["Properties"]
    other["FunctionName"] = {"Fn::Sub": "tieline-${Stage}-other"}
    del other["Events"]


def another_dashboard(replace: str, by: str):
    def mistake(written):
        body = written["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
        assert replace in body["Fn::Sub"]
        body["Fn::Sub"] = body["Fn::Sub"].replace(replace, by)

    return mistake


BUILD_SITE_QUEUE = {"Fn::GetAtt": ["BuildSiteQueue", "Arn"]}
LEDGER = {"Fn::GetAtt": ["Ledger", "Arn"]}
SOURCE = "BuildSite/Properties/Events/Messages/Properties"

# What somebody might do, and the promise that notices.
MISTAKES = [
    (promises.no_wildcard_is_granted, grant("WakeRole", "dynamodb:*", LEDGER)),
    (promises.no_wildcard_is_granted, grant("WakeRole", "*", LEDGER)),
    (promises.no_wildcard_is_granted, grant("WakeRole", "dynamodb:Get?tem", LEDGER)),
    (promises.no_wildcard_is_granted, grant("WakeRole", "dynamodb:GetItem", "*")),
    (promises.no_wildcard_is_granted, grant("WakeRole", "dynamodb:GetItem", {"Fn::Sub": "${Ledger.Arn}/index/*"})),
    (promises.no_wildcard_is_granted, grant("WakeRole", "s3:GetObject", {"Fn::Sub": "${Staging.Arn}/*"})),
    (promises.no_wildcard_is_granted, without_role),
    (promises.no_wildcard_is_granted, put("WakeRole/Properties/ManagedPolicyArns", ["arn:aws:iam::aws:policy/Some"])),
    (promises.no_wildcard_is_granted, put("QueuePolicy/Properties/PolicyDocument/Statement/0/Effect", "Allow")),
    (promises.nothing_is_granted_that_the_emulator_cannot_prove, grant("WakeRole", "dynamodb:UpdateItem", LEDGER)),
    (promises.every_listed_wildcard_is_used, nobody_reads_or_writes_objects),
    (promises.a_role_serves_one_function, put("Wake/Properties/Role", {"Fn::GetAtt": ["BuildSiteRole", "Arn"]})),
    (
        promises.a_role_serves_one_function,
        put("WakeRole/Properties/AssumeRolePolicyDocument/Statement/0/Principal", {"AWS": "*"}),
    ),
    (
        promises.a_timer_may_call_its_function_only,
        put("Wake/Properties/Events/Timer/Properties/RoleArn", {"Fn::GetAtt": ["RequestSweepRole", "Arn"]}),
    ),
    (promises.no_function_feeds_itself, grant("BuildSiteRole", "sqs:SendMessage", BUILD_SITE_QUEUE)),
    (promises.no_function_feeds_itself, a_queue_between_build_site_and_itself),
    (promises.every_queue_has_dead_letters_kept_longer, another_queue),
    (promises.every_queue_has_dead_letters_kept_longer, put("BuildSiteQueue/Properties/RedrivePolicy", ...)),
    (
        promises.every_queue_has_dead_letters_kept_longer,
        put("BuildSiteDeadLetters/Properties/MessageRetentionPeriod", 345600),
    ),
    (
        promises.every_queue_has_dead_letters_kept_longer,
        put("BuildSiteQueue/Properties/MessageRetentionPeriod", 1209600),
    ),
    (
        promises.every_queue_has_dead_letters_kept_longer,
        put("BuildSiteQueue/Properties/RedrivePolicy/maxReceiveCount", 4),
    ),
    (promises.queues_are_closed, put("BuildSiteQueue/Properties/SqsManagedSseEnabled", ...)),
    (promises.queues_are_closed, another_queue),
    (promises.queues_are_closed, put("QueuePolicy", ...)),
    (promises.a_queue_feeds_a_function_within_limits, put(f"{SOURCE}/ScalingConfig", ...)),
    (promises.a_queue_feeds_a_function_within_limits, put(f"{SOURCE}/FunctionResponseTypes", ...)),
    (promises.a_queue_feeds_a_function_within_limits, put("BuildSiteQueue/Properties/VisibilityTimeout", 1799)),
    (promises.a_queue_feeds_a_function_within_limits, put("BuildSiteQueue/Properties/FifoQueue", True)),
    (
        promises.a_queue_feeds_a_function_within_limits,
        put("BuildSiteRole/Properties/Policies/0/PolicyDocument/Statement/2", ...),
    ),
    (promises.every_queue_has_an_alarm, put("BuildSiteDead", ...)),
    (promises.every_queue_has_an_alarm, put("BuildSiteDead/Properties/Metrics/2", ...)),
    (promises.every_queue_has_an_alarm, put("BuildSiteQueueOld", ...)),
    (promises.every_queue_has_an_alarm, another_queue),
    (promises.every_function_has_alarms, another_function),
    (promises.every_function_has_alarms, put("BuildSite/Properties/Timeout", 240)),
    (promises.every_function_has_alarms, put("MessagesParked/Properties/Metrics/1", ...)),
    (promises.a_timer_that_stands_still_is_noticed, put("WakeStands", ...)),
    (promises.a_timer_that_stands_still_is_noticed, put("WakeStands/Properties/TreatMissingData", "notBreaching")),
    (promises.an_alarm_can_be_heard, put("WakeStands/Properties/AlarmActions", ...)),
    (promises.an_alarm_can_be_heard, another_dashboard('"${WakeStands.Arn}", ', "")),
    (promises.the_availability_that_is_promised_is_watched, put("ApiFailsFast/Properties/Threshold", 14.4)),
    (promises.the_availability_that_is_promised_is_watched, put("ApiFailsSlowly", ...)),
    (promises.the_availability_that_is_promised_is_watched, another_dashboard("error budget left", "")),
    (promises.metrics_of_our_own_exist, another_dashboard("MessagesPanicked", "MessagesPaniced")),
    (
        promises.metrics_of_our_own_exist,
        put("MessagesParked/Properties/Metrics/1/MetricStat/Metric/MetricName", "MessagePark"),
    ),
    (promises.every_function_has_a_log_that_ends, put("WakeLog/Properties/RetentionInDays", ...)),
    (promises.every_function_has_a_log_that_ends, put("Wake/Properties/LoggingConfig", ...)),
    (promises.every_function_has_a_log_that_ends, put("WakeLog/Properties/LogGroupName", "/aws/lambda/other")),
    (
        promises.every_function_has_a_log_that_ends,
        grant("WakeRole", "logs:CreateLogGroup", {"Fn::GetAtt": ["WakeLog", "Arn"]}),
    ),
    (promises.the_access_log_holds_no_secret, put("Api/Properties/AccessLogSettings/Format", "$context.path")),
    (promises.the_access_log_holds_no_secret, put("Api/Properties/AccessLogSettings", ...)),
    (promises.the_api_is_bounded, put("Api/Properties/DefaultRouteSettings", ...)),
    (promises.the_api_is_bounded, put("Api/Properties/RouteSettings/GET v1", {})),
    (promises.what_is_kept_is_protected, put("Ledger/DeletionPolicy", ...)),
    (promises.what_is_kept_is_protected, put("Ledger/Properties/PointInTimeRecoverySpecification", ...)),
    (promises.what_is_kept_is_protected, put("Ledger/Properties/SSESpecification", ...)),
    (promises.what_is_kept_is_protected, put("StagingPolicy", ...)),
    (
        promises.what_is_kept_is_protected,
        put("Staging/Properties/PublicAccessBlockConfiguration/BlockPublicAcls", False),
    ),
    (
        promises.what_is_kept_is_protected,
        put("Staging/Properties/LifecycleConfiguration/Rules/0/AbortIncompleteMultipartUpload", ...),
    ),
    (promises.names_carry_the_stage, put("Wake/Properties/FunctionName", "tieline-wake")),
    (promises.names_carry_the_stage, put("Ledger/Properties/TableName", "ledger")),
    (promises.functions_are_built_once, put("Wake/Properties/CodeUri", "functions/wake")),
    (promises.functions_are_built_once, put("Wake/Properties/Runtime", "provided.al2")),
    (promises.functions_are_built_once, put("Wake/Properties/Architectures", ["x86_64"])),
    (promises.functions_are_built_once, put("Wake/Properties/Tracing", "Active")),
    (
        promises.functions_are_told_what_they_read,
        put("Wake/Properties/Environment", {"Variables": {"TIELINE_LEGER": "x"}}),
    ),
    (
        promises.functions_are_told_what_they_read,
        grant("WakeRole", "sqs:SendMessage", {"Fn::GetAtt": ["BuildSiteDeadLetters", "Arn"]}),
    ),
    (promises.a_timer_is_not_repeated, put("Wake/Properties/EventInvokeConfig", ...)),
    (promises.a_timer_is_not_repeated, put("Wake/Properties/Events/Timer/Properties/RetryPolicy", ...)),
    (promises.a_timer_is_not_repeated, put("Wake/Properties/Events/Timer/Properties/Name", ...)),
]  # fmt: skip


@pytest.mark.parametrize(("promise", "mistake"), MISTAKES, ids=lambda it: it.__name__)
def test_a_mistake_is_noticed(promise, mistake, written):
    spoilt = copy.deepcopy(written)
    mistake(spoilt)
    stack = Stack.of(spoilt, Stage="production", Architecture="arm64", **SETTINGS)
    assert list(promise(stack)), "nobody noticed"


def test_every_promise_can_be_broken():
    unproved = {it.__name__ for it in promises.PROMISES} - {promise.__name__ for promise, _ in MISTAKES}
    # Its mistakes are in the outputs, which no mistake above reaches.
    assert unproved == {"outputs_tell_where_things_are"}


def test_an_output_that_is_missing_is_noticed(written):
    spoilt = copy.deepcopy(written)
    del spoilt["Outputs"]["ApiUrl"]
    assert list(promises.outputs_tell_where_things_are(Stack.of(spoilt, Stage="test", **SETTINGS)))


def test_a_table_that_can_be_deleted_is_noticed_in_production_only(written):
    spoilt = copy.deepcopy(written)
    spoilt["Resources"]["Ledger"]["Properties"]["DeletionProtectionEnabled"] = False
    stacks = {stage: Stack.of(spoilt, Stage=stage, **SETTINGS) for stage in STAGES}
    found = {stage: list(promises.what_is_kept_is_protected(stack)) for stage, stack in stacks.items()}
    assert found == {"test": [], "production": ["Ledger can be deleted in production"]}


def flattened(it, way: tuple = ()):
    """Every value with the way to it."""
    if isinstance(it, dict | list):
        pairs = it.items() if isinstance(it, dict) else enumerate(it)
        for name, value in pairs:
            yield from flattened(value, (*way, name))
    else:
        yield way, it


def test_the_stages_differ_in_their_names_and_in_what_protects_production(written):
    """ST-43: what was tried in the test stage is what runs in production."""
    test, production = (Stack.of(written, Stage=stage, **SETTINGS) for stage in STAGES)
    one, other = dict(flattened(test.resources)), dict(flattened(production.resources))
    assert one.keys() == other.keys()

    def neutral(value):
        return value.replace("production", "test") if isinstance(value, str) else value

    different = {(way[0], way[2]) for way in one if neutral(one[way]) != neutral(other[way])}
    assert different == STAGES_DIFFER


def test_an_architecture_changes_nothing_but_itself(written):
    one, other = (
        dict(flattened(Stack.of(written, Stage="test", Architecture=it, **SETTINGS).resources)) for it in ARCHITECTURES
    )
    different = {way[1:3] for way in one if one[way] != other.get(way)}
    assert one.keys() == other.keys()
    assert different == {("Properties", "Architectures")}


def test_a_paused_instance_stands_still(written):
    """Timers, queues and the API: what waits is not lost."""
    stack = Stack.of(written, Stage="test", Paused="true", **SETTINGS)
    assert {it["State"] for it in stack.all("Scheduler::Schedule").values()} == {"DISABLED"}
    assert {source["Enabled"] for _, _, source in stack.sources()} == {False}
    (stage,) = stack.all("ApiGatewayV2::Stage").values()
    limits = [stage["DefaultRouteSettings"], *stage["RouteSettings"].values()]
    assert {value for limit in limits for value in limit.values()} == {0}


def test_without_an_address_for_alarms_there_is_no_topic(written):
    stack = Stack.of(written, Stage="test")
    assert stack.all("SNS::Topic") == {}
    assert not any("AlarmActions" in it for it in stack.all("CloudWatch::Alarm").values())
