"""What the scripts of the clients share: a case by its name, and how to wait."""

import sys
import traceback

from patience import Patience

# Seconds; only a guard: a machine may stand still for two minutes.
DEADLINE = 240


def main(cases):
    """`script BOOTSTRAP CASE [ARGUMENT...]`"""
    bootstrap, name, *arguments = sys.argv[1:]
    try:
        cases[name](bootstrap, *arguments)
    except BaseException:
        traceback.print_exc()
        sys.stdout.flush()
        sys.exit(1)


def until(what, condition):
    """Calls the condition until it holds."""
    patience = Patience(DEADLINE)
    while not condition():
        assert patience.lasts(), f"{what} did not happen within {DEADLINE} s"


def codec_records():
    """Short, long, without key, without value, with headers; more than fit one small batch."""
    records = [(f"key {i}".encode(), (f"value {i} " * 20).encode(), [("h", b"\x00\xff"), ("e", b"")]) for i in range(198)]
    return records + [(None, b"no key", []), (b"tombstone", None, []), (b"", b"", [])]
