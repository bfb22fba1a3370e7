"""Record batches and message sets through kafka-python."""

from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from kafka.record.legacy_records import LegacyRecordBatchBuilder


def bytes_or_none(text):
    return None if text is None else bytes.fromhex(text)


def hex_or_none(data):
    return None if data is None else bytes(data).hex()


def build(records, is_transactional, producer_id, producer_epoch, base_sequence):
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=is_transactional,
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        base_sequence=base_sequence,
        batch_size=1 << 20,
    )
    for offset, record in enumerate(records):
        headers = [(key, bytes_or_none(value)) for key, value in record["headers"]]
        builder.append(
            offset, record["timestamp"], bytes_or_none(record["key"]), bytes_or_none(record["value"]), headers
        )
    return bytes(builder.build())


def build_legacy(records, magic):
    builder = LegacyRecordBatchBuilder(magic=magic, compression_type=0, batch_size=1 << 20)
    for offset, record in enumerate(records):
        builder.append(
            offset, record["timestamp"], bytes_or_none(record["key"]), bytes_or_none(record["value"])
        )
    return bytes(builder.build())


def read(data):
    batch = DefaultRecordBatch(data)
    if not batch.validate_crc():
        raise ValueError("bad checksum")
    return [
        {
            "offset": record.offset,
            "timestamp": record.timestamp,
            "key": hex_or_none(record.key),
            "value": hex_or_none(record.value),
            "headers": [[key, hex_or_none(value)] for key, value in record.headers],
        }
        for record in batch
    ]
