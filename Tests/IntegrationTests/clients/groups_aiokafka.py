"""Classic groups of aiokafka consumers: one question on stdin, one answer on stdout."""

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from patience import Patience

ASSIGNORS = {"range": RangePartitionAssignor, "roundrobin": RoundRobinPartitionAssignor,
             "sticky": StickyPartitionAssignor}
# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240


async def share_out(q):
    """Members take the partitions among them, and those of one that leaves."""
    consumers = [
        AIOKafkaConsumer(
            *q["topics"], bootstrap_servers=q["bootstrap"], group_id=q["group"], auto_offset_reset="earliest",
            heartbeat_interval_ms=100, metadata_max_age_ms=500, request_timeout_ms=TIMEOUT * 1000,
            # Members leave by themselves; a machine that stands still for minutes must put out none.
            session_timeout_ms=300_000, partition_assignment_strategy=[ASSIGNORS[q["assignor"]]])
        for _ in range(q["members"])
    ]
    values = []

    async def until(condition):
        patience = Patience(TIMEOUT)
        while not condition():
            if not patience.lasts():
                raise TimeoutError(str([sorted(map(str, c.assignment())) for c in consumers]))
            for consumer in consumers:
                for records in (await consumer.getmany(timeout_ms=20)).values():
                    values.extend(r.value.decode() for r in records)

    def is_shared():
        assigned = [c.assignment() for c in consumers]
        return sum(map(len, assigned)) == q["partitions"] == len(set().union(*assigned)) and all(assigned)

    for consumer in consumers:
        await consumer.start()
    await until(is_shared)
    await until(lambda: len(set(values)) >= q["count"])
    first = sorted(len(c.assignment()) for c in consumers)
    admin = AIOKafkaAdminClient(bootstrap_servers=q["bootstrap"], request_timeout_ms=TIMEOUT * 1000)
    await admin.start()
    listed = await admin.list_consumer_groups()
    coordinator = await admin.find_coordinator(q["group"])
    (described,) = await admin.describe_consumer_groups([q["group"]])
    _, group, state, _, protocol, members, *_ = described.groups[0]
    for consumer in consumers:
        await consumer.commit()
    committed = await admin.list_consumer_group_offsets(q["group"])
    await admin.close()
    await consumers.pop(0).stop()
    await until(is_shared)
    for consumer in consumers:
        await consumer.stop()
    return {
        "first": first, "values": sorted(set(values)), "listed": [g[0] for g in listed],
        "described": [group, state, protocol, str(len(members))], "has_coordinator": coordinator in (1, 2),
        "committed": sum(o.offset for o in committed.values()),
    }


CASES = {f.__name__: f for f in (share_out,)}


def main():
    question = json.load(sys.stdin)
    try:
        answer = {"answer": asyncio.run(CASES[question["case"]](question))}
    except Exception as error:
        answer = {"error": repr(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
