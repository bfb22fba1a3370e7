"""A confluent-kafka client that a fault plan befalls: produces values, reads all back, and tells what it got."""

import json
import sys

from confluent_kafka import Consumer, Producer
from patience import Patience


def main(question):
    common = {
        "bootstrap.servers": question["bootstrap"],
        "log_level": 0,
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
    unsent = producer.flush(30)

    consumer = Consumer({
        **common, "group.id": "g", "auto.offset.reset": "earliest", "enable.auto.commit": False, "check.crcs": True,
        "fetch.wait.max.ms": 100, "fetch.error.backoff.ms": 50, "topic.metadata.refresh.interval.ms": 500,
    })
    consumer.subscribe(["orders"])
    received, patience = [], Patience(30)
    while len(received) < len(values) and patience.lasts():
        message = consumer.poll(0.2)
        if message is not None and message.error() is None:
            received.append(message.value().decode())
    consumer.close()
    return {"unsent": unsent, "inOrder": received == values}


print(json.dumps(main(json.load(sys.stdin))))
