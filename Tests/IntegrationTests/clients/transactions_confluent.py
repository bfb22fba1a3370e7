"""Transactions with confluent-kafka (librdkafka): one question on stdin, one answer on stdout.

The question names a case; the answer is what the client saw, or its error's name.
"""

import json
import sys

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from patience import Patience

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240


def producer(q):
    return Producer({
        "bootstrap.servers": q["bootstrap"], "transactional.id": q["id"], "transaction.timeout.ms": 600_000,
        "socket.timeout.ms": TIMEOUT * 1000, "log_level": 0})


def consumer(q, isolation="read_committed", group="readers"):
    return Consumer({
        "bootstrap.servers": q["bootstrap"], "group.id": group, "isolation.level": isolation,
        "auto.offset.reset": "earliest", "enable.auto.commit": False, "socket.timeout.ms": TIMEOUT * 1000,
        # A machine that stands still for minutes must not put it out.
        "session.timeout.ms": 300_000, "log_level": 0})


def write(p, topic, values):
    for value in values:
        p.produce(topic, value.encode(), partition=0)
    p.flush(TIMEOUT)


def read(q, isolation="read_committed"):
    """Up to the end that the isolation level shows."""
    c = consumer(q, isolation)
    partition = TopicPartition(q["topic"], 0, 0)
    c.assign([partition])
    _, end = c.get_watermark_offsets(partition, timeout=TIMEOUT)
    values = []
    patience = Patience(TIMEOUT)
    while patience.lasts() and c.position([partition])[0].offset < end:
        message = c.poll(0.2)
        if message is not None and not message.error():
            values.append(message.value().decode())
    c.close()
    return values


def commit_abort(q):
    p = producer(q)
    p.init_transactions(TIMEOUT)
    for values, commits in q["transactions"]:
        p.begin_transaction()
        write(p, q["topic"], values)
        p.commit_transaction(TIMEOUT) if commits else p.abort_transaction(TIMEOUT)
    return [read(q), read(q, "read_uncommitted")]


def fence(q):
    """A second producer of the id comes while the first has a transaction open."""
    first, second = producer(q), producer(q)
    first.init_transactions(TIMEOUT)
    first.begin_transaction()
    write(first, q["topic"], ["lost"])
    second.init_transactions(TIMEOUT)
    second.begin_transaction()
    write(second, q["topic"], ["kept"])
    try:
        first.commit_transaction(TIMEOUT)
        return ["committed"]
    except KafkaException as error:
        fenced = error.args[0].fatal()
    second.commit_transaction(TIMEOUT)
    return [fenced, read(q)]


def offsets(q):
    """Reads a topic and writes to another, its offsets within the transaction: aborted, then committed."""
    seen = []
    c = consumer({**q, "topic": q["source"]}, group="movers-" + q["id"])
    c.subscribe([q["source"]])
    p = producer(q)
    p.init_transactions(TIMEOUT)
    message = None
    patience = Patience(TIMEOUT)
    while message is None and patience.lasts():
        message = c.poll(0.2)
    partition = TopicPartition(q["source"], 0, message.offset() + 1)
    for commits in (False, True):
        p.begin_transaction()
        write(p, q["topic"], [message.value().decode()])
        p.send_offsets_to_transaction([partition], c.consumer_group_metadata(), TIMEOUT)
        p.commit_transaction(TIMEOUT) if commits else p.abort_transaction(TIMEOUT)
        seen.append(c.committed([TopicPartition(q["source"], 0)], TIMEOUT)[0].offset)
    c.close()
    return [seen, read(q)]


CASES = {f.__name__: f for f in (commit_abort, fence, offsets)}


def main():
    question = json.load(sys.stdin)
    try:
        answer = {"answer": CASES[question["case"]](question)}
    except KafkaException as error:
        answer = {"error": error.args[0].name()}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
