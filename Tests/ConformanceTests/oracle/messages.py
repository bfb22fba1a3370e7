"""Messages through kio: bytes read and written again, and messages made from a seed."""

import dataclasses
import datetime
import functools
import io
import random
import types
import typing
import uuid

from kio.index import load_request_schema, load_response_schema
from kio.schema.errors import ErrorCode
from kio.schema.index import api_key_map, schema_name_map
from kio.serial import entity_reader, entity_writer


def versions(api_key):
    """The versions that kio has of a request."""
    return sorted(schema_name_map[api_key_map[api_key]])


def schema(api_key, version, kind):
    load = load_request_schema if kind == "Request" else load_response_schema
    return load(api_key, version)


def encode(entity):
    buffer = io.BytesIO()
    entity_writer(type(entity))(buffer, entity)
    return buffer.getvalue()


def reencode(api_key, version, kind, data):
    """What kio writes after it has read `data`, all of it."""
    entity, size = entity_reader(schema(api_key, version, kind))(data, 0)
    if size != len(data):
        raise ValueError(f"read {size} of {len(data)} bytes")
    return encode(entity)


def sample(api_key, version, kind, seed):
    return encode(make(schema(api_key, version, kind), random.Random(seed), depth=0))


INTEGERS = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


@functools.cache
def described_fields(cls):
    """Name, element type, kafka type, whether an array, whether None is allowed, and whether tagged."""
    hints = typing.get_type_hints(cls)
    result = []
    for field in dataclasses.fields(cls):
        hint, optional, array = hints[field.name], False, False
        if typing.get_origin(hint) in (typing.Union, types.UnionType):
            hint, optional = next(a for a in typing.get_args(hint) if a is not type(None)), True
        if typing.get_origin(hint) is tuple:
            hint, array = typing.get_args(hint)[0], True
        result.append((field, hint, field.metadata.get("kafka_type"), array, optional, "tag" in field.metadata))
    return result


def make(cls, rng, depth):
    values = {}
    for field, element, kafka_type, array, optional, tagged in described_fields(cls):
        if tagged and field.default is not dataclasses.MISSING and rng.random() < 0.3:
            values[field.name] = field.default
        elif optional and not tagged and rng.random() < 0.3:
            values[field.name] = None
        elif array:
            count = rng.randint(1, 3) if depth == 0 else rng.randint(0, 2)
            values[field.name] = tuple(value(element, kafka_type, rng, depth + 1) for _ in range(count))
        else:
            values[field.name] = value(element, kafka_type, rng, depth)
    return cls(**values)


def value(element, kafka_type, rng, depth):
    if kafka_type is None:
        return make(element, rng, depth)
    if kafka_type in INTEGERS:
        low, high = INTEGERS[kafka_type]
        return rng.choice((low, high, 0, 1, rng.randint(low, high)))
    match kafka_type:
        case "bool":
            return rng.random() < 0.5
        case "float64":
            return rng.randint(-1000, 1000) / 8
        case "string":
            return "".join(rng.choice("abZ0-_.é日🦔") for _ in range(rng.choice((0, 5, 40, 130))))
        case "bytes" | "records":
            return rng.randbytes(rng.choice((0, 5, 40, 130)))
        case "uuid":
            return uuid.UUID(int=rng.getrandbits(128))
        case "error_code":
            return rng.choice(list(ErrorCode))
        case "timedelta_i32":
            return datetime.timedelta(milliseconds=rng.randint(0, 2**31 - 1))
        case "timedelta_i64":
            return datetime.timedelta(milliseconds=rng.randint(0, 2**40))
        case "datetime_i64":
            return EPOCH + datetime.timedelta(milliseconds=rng.randint(0, 4_000_000_000_000))
    raise NotImplementedError(kafka_type)


def error_codes():
    return {code.value: [code.name.upper(), code.retriable] for code in ErrorCode}
