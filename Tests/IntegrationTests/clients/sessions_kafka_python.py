"""A kafka-python consumer, which fetches in sessions: reads so many values and tells them."""

import json
import sys

from kafka import KafkaConsumer

# Milliseconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240_000

question = json.load(sys.stdin)
consumer = KafkaConsumer(
    "orders", bootstrap_servers=question["bootstrap"], auto_offset_reset="earliest", group_id=None,
    consumer_timeout_ms=TIMEOUT, request_timeout_ms=TIMEOUT, bootstrap_timeout_ms=TIMEOUT,
    fetch_max_wait_ms=100, max_poll_records=1, max_partition_fetch_bytes=100)
values = []
for message in consumer:
    values.append(message.value.decode())
    if len(values) == int(question["count"]):
        break
consumer.close()
print(json.dumps(sorted(values)))
