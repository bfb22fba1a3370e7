"""Every call of aiokafka's AIOKafkaAdminClient about topics, settings and the cluster: what it saw, by case."""

import asyncio
import json
import sys

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

# Seconds; only a guard: a machine may stand still for two minutes.
TIMEOUT = 240


async def error(call):
    try:
        await call
    except KafkaError as failure:
        return type(failure).__name__
    return "NONE"


async def main(bootstrap):
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=TIMEOUT * 1000)
    await client.start()
    seen = {}

    async def setting(kind, resource, name):
        (response,) = await client.describe_configs([ConfigResource(kind, resource, {name: None})])
        _, _, _, _, entries = response.resources[0]
        return [entries[0][0], entries[0][1]]

    cluster = await client.describe_cluster()
    seen["describe_cluster"] = [sorted(broker["rack"] for broker in cluster["brokers"]), cluster["controller_id"]]
    seen["list_topics"] = sorted(await client.list_topics())
    created = await client.create_topics([NewTopic("fresh", 2, 2, topic_configs={"retention.ms": "1000"})])
    again = await client.create_topics([NewTopic("fresh", 2, 2)])
    seen["create_topics"] = [[failed[1] for failed in part.topic_errors] for part in (created, again)]
    seen["create_partitions"] = [
        await error(client.create_partitions({"fresh": NewPartitions(4)})),
        await error(client.create_partitions({"fresh": NewPartitions(3)})),
    ]
    seen["describe_topics"] = [len(topic["partitions"]) for topic in await client.describe_topics(["fresh"])]
    topic = ConfigResourceType.TOPIC
    seen["describe_configs"] = [
        await setting(topic, "fresh", "retention.ms"), await setting(ConfigResourceType.BROKER, "2", "node.id")]
    (changed,) = await client.alter_configs([ConfigResource(topic, "fresh", {"segment.bytes": "1048576"})])
    seen["alter_configs"] = [
        changed.resources[0][0], await setting(topic, "fresh", "segment.bytes"),
        await setting(topic, "fresh", "retention.ms"),
    ]
    partition = TopicPartition("orders", 0)
    seen["delete_records"] = (await client.delete_records({partition: RecordsToDelete(1)}))[partition]
    await client.delete_topics(["fresh"])
    seen["delete_topics"] = sorted(await client.list_topics())
    await client.close()
    return seen


print(json.dumps(asyncio.run(main(json.load(sys.stdin)["bootstrap"]))))
