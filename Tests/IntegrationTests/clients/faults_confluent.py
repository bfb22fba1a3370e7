"""A confluent-kafka client that a fault plan befalls: produces values, reads all back, and tells what it got."""

import json
import sys

from confluent_kafka import Consumer, Producer
from patience import Patience

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240


def main(question):
    common = {
        "bootstrap.servers": question["bootstrap"],
        "log_level": 0,
        # What a request that is dropped costs.
        "socket.timeout.ms": 1500,
        "reconnect.backoff.ms": 20,
        "reconnect.backoff.max.ms": 200,
        "client.rack": question["rack"],
    }
    values = [str(number) for number in range(20)]
    producer = Producer({
        **common, "enable.idempotence": True, "linger.ms": 0, "batch.num.messages": 1, "retry.backoff.ms": 50,
        "request.timeout.ms": 2000, "socket.timeout.ms": 2000,
    })
    for value in values:
        producer.produce("orders", value)
        producer.poll(0)
    patience = Patience(TIMEOUT)
    while len(producer) and patience.lasts():
        producer.flush(0.2)
    unsent = len(producer)

    consumer = Consumer({
        **common, "group.id": "g", "auto.offset.reset": "earliest", "enable.auto.commit": False, "check.crcs": True,
        "fetch.wait.max.ms": 100, "fetch.error.backoff.ms": 50, "topic.metadata.refresh.interval.ms": 500,
        # It commits nothing: put out while the machine stands still, it would read all again.
        "session.timeout.ms": 300_000,
    })
    consumer.subscribe(["orders"])
    received, patience = [], Patience(TIMEOUT)
    while len(received) < len(values) and patience.lasts():
        message = consumer.poll(0.2)
        if message is not None and message.error() is None:
            received.append(message.value().decode())
    consumer.close()
    return {"unsent": unsent, "inOrder": received == values}


print(json.dumps(main(json.load(sys.stdin))))
