"""How long the checks wait, and what they tell the programs to: a machine may stand still for minutes, as one of CI's
did, or be ten times slower than another. Neither is the fault of what is checked."""

import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "Tests/IntegrationTests/clients"))
# What it says of a deadline holds for the checks as for the clients of the tests.
from patience import Patience  # noqa: E402

# Long, for slow machines; a healthy run never comes near it.
DEADLINE = 180
# Seconds after which a socket that says nothing is given up.
GUARD = 600
# librdkafka's properties that have what was on its way when the machine stood still arrive after all.
PATIENT_CLIENT = {"socket.timeout.ms": "300000", "socket.connection.setup.timeout.ms": "300000"}
# The same for settings of kafka-connector.
PATIENT_CONNECTOR = {
    "upstream_timeout": "10m", "kafka.session.timeout.ms": "300000",
    **{f"kafka.{name}": value for name, value in PATIENT_CLIENT.items()}}


def until(what, condition, seconds=DEADLINE):
    """What the condition returns once it holds."""
    patience = Patience(seconds)
    while not (found := condition()):
        if not patience.lasts():
            raise TimeoutError(what)
        time.sleep(0.1)
    return found


def ends(process, seconds=DEADLINE):
    """Whether a process ends in time."""
    try:
        until("the end", lambda: process.poll() is not None, seconds)
    except TimeoutError:
        return False
    return True
