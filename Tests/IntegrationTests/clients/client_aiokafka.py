"""What aiokafka does against a cluster: one case a run, see cases.py."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from cases import DEADLINE, codec_records, main
from patience import Patience

T0 = TopicPartition("t", 0)
ASSIGNORS = {
    "range": RangePartitionAssignor, "roundrobin": RoundRobinPartitionAssignor, "sticky": StickyPartitionAssignor}


async def until(what, condition):
    patience = Patience(DEADLINE)
    while not condition():
        assert patience.lasts(), f"{what} did not happen within {DEADLINE} s"
        await asyncio.sleep(0.05)


async def producer(bootstrap, **settings):
    p = AIOKafkaProducer(bootstrap_servers=bootstrap, request_timeout_ms=DEADLINE * 1000, **settings)
    await p.start()
    return p


async def consumer(bootstrap, *topics, **settings):
    options = {
        "group_id": "g", "auto_offset_reset": "earliest", "enable_auto_commit": False,
        "heartbeat_interval_ms": 200, "request_timeout_ms": DEADLINE * 1000,
        # Members leave by themselves; a machine that stands still for minutes must put out none.
        "session_timeout_ms": 300_000}
    c = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, **{**options, **settings})
    await c.start()
    return c


async def send(p, records):
    futures = [await p.send("t", key=key, value=value, headers=headers) for key, value, headers in records]
    await p.flush()
    answers = [await future for future in futures]
    await p.stop()
    return [answer.offset if answer is not None else None for answer in answers]


def numbered(count):
    return [(None, str(i).encode(), []) for i in range(count)]


async def read(c, count):
    messages = []
    patience = Patience(DEADLINE)
    while len(messages) < count:
        assert patience.lasts(), f"{len(messages)} of {count} messages"
        for batch in (await c.getmany(timeout_ms=200)).values():
            messages.extend(batch)
    return messages


async def codec(bootstrap, name):
    records = codec_records()
    p = await producer(bootstrap, compression_type=None if name == "none" else name, linger_ms=20)
    assert await send(p, records) == list(range(201))
    c = await consumer(bootstrap, "t")
    got = [(m.key, m.value, list(m.headers)) for m in await read(c, 201)]
    assert got == records, got
    await c.stop()


def held(members):
    return [{p.partition for p in member.assignment()} for member in members]


async def settle(members):
    def shared():
        sizes = [len(h) for h in held(members)]
        return sum(sizes) == 6 and min(sizes) >= 6 // len(members) and len(set().union(*held(members))) == 6

    await until("sharing out", shared)


async def group(bootstrap, assignor):
    members = []
    for _ in range(3):
        members.append(await consumer(bootstrap, "t", partition_assignment_strategy=[ASSIGNORS[assignor]]))
        await settle(members)
    await members.pop(0).stop()
    await settle(members)
    for member in members:
        await member.stop()


async def static(bootstrap):
    """A member that comes back under its name has what it had, and nobody else is asked."""
    members = [await consumer(bootstrap, "t", group_instance_id=name) for name in ("one", "two")]
    await settle(members)
    before = held(members)
    await members.pop().stop()
    members.append(await consumer(bootstrap, "t", group_instance_id="two"))
    await settle(members)
    assert held(members) == before, (before, held(members))
    for member in members:
        await member.stop()


async def resume(bootstrap):
    await send(await producer(bootstrap), numbered(20))
    c = await consumer(bootstrap, "t")
    await read(c, 5)
    await c.commit({T0: 10})
    await c.stop()
    c = await consumer(bootstrap, "t")
    assert [m.offset for m in await read(c, 10)] == list(range(10, 20))
    assert await c.committed(T0) == 10
    await c.stop()


async def idempotent(bootstrap):
    p = await producer(bootstrap, enable_idempotence=True, linger_ms=5)
    assert await send(p, numbered(3000)) == list(range(3000))


async def acks(bootstrap, count):
    p = await producer(bootstrap, acks=count if count == "all" else int(count))
    assert len(await send(p, numbered(10))) == 10
    c = await consumer(bootstrap, "t")
    assert [m.value for m in await read(c, 10)] == [str(i).encode() for i in range(10)]
    await c.stop()


async def large(bootstrap):
    value = bytes(range(256)) * 4000
    await send(await producer(bootstrap, max_request_size=1_048_588), [(None, value, [])])
    c = await consumer(bootstrap, "t")
    assert (await read(c, 1))[0].value == value
    await c.stop()


async def topics(bootstrap):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=DEADLINE * 1000)
    await admin.start()
    made = await admin.create_topics([NewTopic("a", 3, 3), NewTopic("b", 1, 1)])
    assert [error[1] for error in made.topic_errors] == [0, 0], made
    assert {"a", "b"} <= set(await admin.list_topics())
    assert len((await admin.describe_topics(["a"]))[0]["partitions"]) == 3
    again = await admin.create_topics([NewTopic("a", 1, 1)])
    assert again.topic_errors[0][1] == 36, again
    await admin.delete_topics(["a", "b"])
    assert not {"a", "b"} & set(await admin.list_topics())
    await admin.close()


async def times(bootstrap):
    p = await producer(bootstrap)
    for stamp in (1000, 2000, 3000):
        await p.send_and_wait("t", value=b"x", timestamp_ms=stamp)
    await p.stop()
    c = await consumer(bootstrap)
    assert (await c.offsets_for_times({T0: 1500}))[T0].offset == 1
    assert (await c.offsets_for_times({T0: 3001}))[T0] is None
    assert await c.beginning_offsets([T0]) == {T0: 0} and await c.end_offsets([T0]) == {T0: 3}
    await c.stop()


def run(case):
    return lambda *arguments: asyncio.run(case(*arguments))


main({
    name: run(case) for name, case in {
        "codec": codec, "group": group, "static": static, "resume": resume, "idempotent": idempotent, "acks": acks,
        "large": large, "topics": topics, "times": times,
    }.items()
})
