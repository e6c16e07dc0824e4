"""What feeds functions: queues (P4, P8) and timers."""

from collections.abc import Iterator

import grants
from grants import POLLER, denies_plain_http
from stack import Stack, logical

from promises.register import promise


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
