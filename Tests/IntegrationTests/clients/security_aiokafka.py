"""A client of aiokafka for the security tests: one question on stdin, one answer on stdout.

The question says how to connect; the answer is what the client saw, or its error's name.
"""

import asyncio
import json
import os
import ssl
import sys
import tempfile

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaError

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240


class Token(AbstractTokenProvider):
    def __init__(self, token):
        self._token = token

    async def token(self):
        return self._token


def tls(q, folder):
    context = ssl.create_default_context(cadata=q["ca"])
    if "certificate" in q:
        paths = [os.path.join(folder, name) for name in ("certificate", "key")]
        for path in paths:
            with open(path, "w") as file:
                file.write(q[os.path.basename(path)])
        context.load_cert_chain(*paths)
    return context


def configuration(q, folder):
    conf = {
        "bootstrap_servers": q["bootstrap"],
        "security_protocol": q["protocol"],
        "request_timeout_ms": TIMEOUT * 1000,
    }
    if "mechanism" in q:
        conf["sasl_mechanism"] = q["mechanism"]
    if "user" in q:
        conf["sasl_plain_username"] = q["user"]
        conf["sasl_plain_password"] = q["password"]
    if "token" in q:
        conf["sasl_oauth_token_provider"] = Token(q["token"])
    if "ca" in q:
        conf["ssl_context"] = tls(q, folder)
    return conf


async def produce(q, conf):
    producer = AIOKafkaProducer(**conf)
    await producer.start()
    try:
        return [(await producer.send_and_wait(q["topic"], value.encode())).offset for value in q["values"]]
    finally:
        await producer.stop()


async def consume(q, conf):
    # A machine that stands still for minutes must not put it out, lest it read again.
    consumer = AIOKafkaConsumer(
        q["topic"], group_id=q["group"], auto_offset_reset="earliest", session_timeout_ms=300_000, **conf)
    await consumer.start()
    try:
        return [(await consumer.getone()).value.decode() for _ in q["values"]]
    finally:
        await consumer.stop()


async def roundtrip(q, conf):
    await produce(q, conf)
    return await consume(q, conf)


CASES = {f.__name__: f for f in (produce, consume, roundtrip)}


def main():
    question = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        case = CASES[question["case"]](question, configuration(question, folder))
        try:
            answer = {"answer": asyncio.run(asyncio.wait_for(case, TIMEOUT))}
        except (KafkaError, asyncio.TimeoutError) as error:
            answer = {"error": type(error).__name__}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
