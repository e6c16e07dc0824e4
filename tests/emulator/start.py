"""Starts the emulator of AWS on a free port of 127.0.0.1, prints its address, and stops it when stdin ends.

Run with the Python that has emulator.txt installed. Whoever starts this keeps stdin open: when that process is
gone, however it ended, so is the emulator. What the emulator stores is in a temporary folder and goes with it.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

# Its Runtime API answers in two writes; with Nagle's algorithm each invocation of a function waits 40 ms.
# It deploys no stack with an alarm on an expression of several metrics: such an alarm is made on a metric that there is
# not, and stays silent. What the alarms look at is proved by tests/template.
PROGRAM = """
import socketserver
from ministack.services.cloudformation import provisioners
socketserver.StreamRequestHandler.disable_nagle_algorithm = True
record = provisioners._cw_metric_alarm_record
def alarm(name, properties):
    if "Metrics" in properties:
        properties = {**properties, "Metrics": None, "Namespace": "None", "MetricName": "None"}
    return record(name, properties)
provisioners._cw_metric_alarm_record = alarm
from ministack.app import main
main()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_ministack/health", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def start(folder: str) -> tuple[subprocess.Popen, str] | None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": folder,
        "TMPDIR": folder,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "ERROR",
        # Functions that it runs inherit this; without it they would call the real AWS.
        "AWS_ENDPOINT_URL": url,
    }
    with open(os.path.join(folder, "log"), "wb") as log:
        emulator = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    patience = time.monotonic() + 30
    while time.monotonic() < patience and emulator.poll() is None:
        if answers(url):
            return emulator, url
        time.sleep(0.05)
    stop(emulator)
    return None


def stop(emulator: subprocess.Popen) -> None:
    emulator.terminate()
    try:
        emulator.wait(5)
    except subprocess.TimeoutExpired:
        emulator.kill()
        emulator.wait()


def main() -> None:
    # So that `with` and `finally` are left in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Threads of the emulator may still write while it ends.
    with tempfile.TemporaryDirectory(prefix="tieline-emulator-", ignore_cleanup_errors=True) as folder:
        # Somebody else may take the port between the look and the start.
        started = next(filter(None, (start(folder) for _ in range(3))), None)
        if started is None:
            with open(os.path.join(folder, "log"), errors="replace") as log:
                sys.exit(f"the emulator does not start:\n{log.read()}")
        emulator, url = started
        try:
            print(url, flush=True)
            sys.stdin.read()
        finally:
            stop(emulator)


if __name__ == "__main__":
    main()
