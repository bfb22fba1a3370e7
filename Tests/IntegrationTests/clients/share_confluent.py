"""Share groups of confluent-kafka (librdkafka) consumers: one question on stdin, one answer on stdout."""

import json
import sys

from confluent_kafka import AcknowledgeType, KafkaException, ShareConsumer
from patience import Patience

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240


class Failed(Exception):
    """Something that did not happen, and what was instead."""


def consumer(q, **more):
    conf = {
        "bootstrap.servers": q["bootstrap"], "group.id": q["group"], "socket.timeout.ms": TIMEOUT * 1000,
        "log_level": 0}
    conf.update(more)
    made = ShareConsumer(conf)
    made.subscribe(q["topics"])
    return made


def take(share, values):
    for message in share.poll(0.1):
        if message.error():
            raise Failed(message.error().name())
        values.append(message.value().decode())


def share_out(q):
    """Members take records of the same partitions, each record once."""
    members = [(consumer(q), []) for _ in range(q["members"])]
    patience = Patience(TIMEOUT)
    while sum(len(values) for _, values in members) < q["count"]:
        if not patience.lasts():
            raise Failed(f"only {[values for _, values in members]}")
        for share, values in members:
            take(share, values)
    # What was polled last is accepted by the next call.
    for share, values in members:
        share.commit_sync(TIMEOUT)
        take(share, values)
        share.close()
    late = consumer(q)
    again = []
    patience = Patience(2)
    while patience.lasts():
        take(late, again)
    late.close()
    return [sorted(v for _, values in members for v in values), again]


def explicit(q):
    """One record is released and comes again, one is rejected and does not."""
    share = consumer(q, **{"share.acknowledgement.mode": "explicit"})
    seen = []
    patience = Patience(TIMEOUT)
    while len(seen) < q["count"] + 1:
        if not patience.lasts():
            raise Failed(f"only {seen}")
        for message in share.poll(0.1):
            if message.error():
                raise Failed(message.error().name())
            value = message.value().decode()
            kind = AcknowledgeType.ACCEPT
            if value == q["released"] and value not in seen:
                kind = AcknowledgeType.RELEASE
            elif value == q["rejected"]:
                kind = AcknowledgeType.REJECT
            seen.append(value)
            share.acknowledge(message, kind)
        share.commit_sync(TIMEOUT)
    patience = Patience(1)
    while patience.lasts():
        seen += [m.value().decode() for m in share.poll(0.1)]
    share.close()
    return sorted(seen)


CASES = {f.__name__: f for f in (share_out, explicit)}


def main():
    question = json.load(sys.stdin)
    try:
        answer = {"answer": CASES[question["case"]](question)}
    except Failed as error:
        answer = {"error": str(error)}
    except KafkaException as error:
        answer = {"error": error.args[0].name()}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
