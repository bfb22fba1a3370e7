"""A confluent-kafka producer with a quota: how long it was told to wait, in seconds."""

import json
import sys

from confluent_kafka import Producer

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240

question = json.load(sys.stdin)
waits = []
producer = Producer({
    "bootstrap.servers": question["bootstrap"],
    "client.id": "billing",
    "linger.ms": 0,
    "socket.timeout.ms": TIMEOUT * 1000,
    "throttle_cb": lambda event: waits.append(event.throttle_time),
})
for _ in range(2):
    producer.produce("orders", b"x" * 15000)
    producer.flush(TIMEOUT)
    producer.poll(0.1)
print(json.dumps({"waits": [wait for wait in waits if wait > 0], "unsent": len(producer)}))
