"""How long the scripts of the clients wait."""

import time

# Seconds that count between two looks, at most.
LONGEST_STEP = 5


class Patience:
    """A deadline. A machine that stood still, as one did for minutes, gave nobody the time to make anything happen:
    what passes between two looks counts up to a limit."""

    def __init__(self, seconds):
        self.left = seconds
        self.last = time.monotonic()

    def lasts(self):
        """To be asked before each look."""
        now = time.monotonic()
        self.left -= min(now - self.last, LONGEST_STEP)
        self.last = now
        return self.left > 0
