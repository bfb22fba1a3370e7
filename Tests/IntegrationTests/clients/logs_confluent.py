"""Logs as confluent-kafka (librdkafka) sees them: one question on stdin, one answer on stdout."""

import json
import sys

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from patience import Patience

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240


def delete(q):
    """Deletes records before an offset; says where the log begins then, and what offsets are found in it."""
    admin = AdminClient({"bootstrap.servers": q["bootstrap"], "socket.timeout.ms": TIMEOUT * 1000})
    partition = TopicPartition("t", 0, q["offset"])
    deleted = [f.result() for f in admin.delete_records([partition], request_timeout=TIMEOUT).values()]
    found = []
    for spec in (OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.max_timestamp(), OffsetSpec.for_timestamp(0)):
        futures = admin.list_offsets({TopicPartition("t", 0): spec}, request_timeout=TIMEOUT)
        found += [future.result().offset for future in futures.values()]
    return [deleted[0].low_watermark, found]


def compressed(q):
    """Sends one batch; says what offsets are found by the latest time and by times within it and after it."""
    # One batch, however long the machine takes over it: what lingers goes when it is flushed.
    p = Producer({
        "bootstrap.servers": q["bootstrap"], "compression.type": q["codec"], "linger.ms": TIMEOUT * 1000,
        "socket.timeout.ms": TIMEOUT * 1000})
    for time in (1000, 2000, 5000, 4000):
        p.produce("t", b"x" * 200, timestamp=time)
    p.flush(TIMEOUT)
    admin = AdminClient({"bootstrap.servers": q["bootstrap"], "socket.timeout.ms": TIMEOUT * 1000})
    found = []
    for spec in [OffsetSpec.max_timestamp()] + [OffsetSpec.for_timestamp(time) for time in (1500, 4500, 5001)]:
        futures = admin.list_offsets({TopicPartition("t", 0): spec}, request_timeout=TIMEOUT)
        found += [future.result().offset for future in futures.values()]
    return found


def follow(q):
    """Reads so many messages from the start, whoever leads."""
    c = Consumer({
        "bootstrap.servers": q["bootstrap"], "group.id": "g", "client.id": "follower",
        "topic.metadata.refresh.interval.ms": 500, "log_level": 0})
    c.assign([TopicPartition("t", 0, 0)])
    values = []
    patience = Patience(TIMEOUT)
    while len(values) < q["count"] and patience.lasts():
        message = c.poll(0.2)
        if message is not None and not message.error():
            values.append(message.value().decode())
    c.close()
    return values


def main():
    question = json.load(sys.stdin)
    try:
        answer = {"answer": {"delete": delete, "compressed": compressed, "follow": follow}[question["case"]](question)}
    except KafkaException as error:
        answer = {"error": error.args[0].name()}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
