"""How long the checks wait, and what they tell the programs to: a machine may stand still for minutes, as one of CI's
did, or be ten times slower than another. Neither is the fault of what is checked."""

import time

# Seconds that count between two looks, at most.
LONGEST_STEP = 5
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


class Patience:
    """A deadline. A machine that stood still gave nobody the time to make anything happen: what passes between two
    looks counts up to a limit."""

    def __init__(self, seconds=DEADLINE):
        self.left = seconds
        self.last = time.monotonic()

    def lasts(self):
        """To be asked at each look."""
        now = time.monotonic()
        self.left -= min(now - self.last, LONGEST_STEP)
        self.last = now
        return self.left > 0


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
