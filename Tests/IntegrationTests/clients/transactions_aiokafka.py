"""Transactions with aiokafka: one question on stdin, one answer on stdout.

The question names a case; the answer is what the client saw, or its error's name.
"""

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from patience import Patience

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240


async def producer(q):
    p = AIOKafkaProducer(
        bootstrap_servers=q["bootstrap"], transactional_id=q["id"], transaction_timeout_ms=600_000,
        request_timeout_ms=TIMEOUT * 1000)
    await p.start()
    return p


async def consumer(q, topics=(), isolation="read_committed", group="readers"):
    c = AIOKafkaConsumer(
        *topics, bootstrap_servers=q["bootstrap"], group_id=group, isolation_level=isolation,
        auto_offset_reset="earliest", enable_auto_commit=False, request_timeout_ms=TIMEOUT * 1000,
        # A machine that stands still for minutes must not put it out.
        session_timeout_ms=300_000)
    await c.start()
    return c


async def write(p, topic, values):
    for value in values:
        await p.send_and_wait(topic, value.encode(), partition=0)


async def read(q, isolation="read_committed"):
    """Up to the end that the isolation level shows."""
    c = await consumer(q, isolation=isolation)
    partition = TopicPartition(q["topic"], 0)
    c.assign([partition])
    await c.seek_to_beginning(partition)
    end = (await c.end_offsets([partition]))[partition]
    values = []
    patience = Patience(TIMEOUT)
    while patience.lasts() and await c.position(partition) < end:
        for records in (await c.getmany(timeout_ms=200)).values():
            values += [record.value.decode() for record in records]
    await c.stop()
    return values


async def commit_abort(q):
    p = await producer(q)
    for values, commits in q["transactions"]:
        await p.begin_transaction()
        await write(p, q["topic"], values)
        await (p.commit_transaction() if commits else p.abort_transaction())
    await p.stop()
    return [await read(q), await read(q, "read_uncommitted")]


async def fence(q):
    """A second producer of the id comes while the first has a transaction open."""
    first = await producer(q)
    await first.begin_transaction()
    await write(first, q["topic"], ["lost"])
    second = await producer(q)
    await second.begin_transaction()
    await write(second, q["topic"], ["kept"])
    try:
        await first.commit_transaction()
        return ["committed"]
    except KafkaError:
        fenced = True
    await second.commit_transaction()
    await second.stop()
    return [fenced, await read(q)]


async def offsets(q):
    """Reads a topic and writes to another, its offsets within the transaction: aborted, then committed."""
    seen = []
    c = await consumer(q, [q["source"]], group="movers-" + q["id"])
    p = await producer(q)
    message = await asyncio.wait_for(c.getone(), TIMEOUT)
    partition = TopicPartition(q["source"], 0)
    for commits in (False, True):
        await p.begin_transaction()
        await write(p, q["topic"], [message.value.decode()])
        await p.send_offsets_to_transaction({partition: message.offset + 1}, "movers-" + q["id"])
        await (p.commit_transaction() if commits else p.abort_transaction())
        seen.append(await c.committed(partition))
    await c.stop()
    await p.stop()
    return [[-1001 if offset is None else offset for offset in seen], await read(q)]


CASES = {f.__name__: f for f in (commit_abort, fence, offsets)}


async def run(question):
    return await asyncio.wait_for(CASES[question["case"]](question), TIMEOUT)


def main():
    question = json.load(sys.stdin)
    try:
        answer = {"answer": asyncio.run(run(question))}
    except KafkaError as error:
        answer = {"error": type(error).__name__}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
