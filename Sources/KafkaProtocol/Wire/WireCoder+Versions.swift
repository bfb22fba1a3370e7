package import NIOCore

// The same kinds, gated by the versions that carry the field: `since` and `through` are the first and the last of
// them. `nullableSince` is the first version in which the field may be null; before it, nil cannot be encoded.

extension WireCoder {
    @inline(__always)
    func carries(_ since: Int16, _ through: Int16) -> Bool {
        since <= version && version <= through
    }

    @inline(__always)
    package mutating func bool(
        _ name: StaticString, _ value: inout Bool, since: Int16 = 0, through: Int16 = .max
    ) {
        if carries(since, through) { bool(name, &value) }
    }

    @inline(__always)
    package mutating func int8(
        _ name: StaticString, _ value: inout Int8, since: Int16 = 0, through: Int16 = .max
    ) {
        if carries(since, through) { int8(name, &value) }
    }

    @inline(__always)
    package mutating func int16(
        _ name: StaticString, _ value: inout Int16, since: Int16 = 0, through: Int16 = .max
    ) {
        if carries(since, through) { int16(name, &value) }
    }

    @inline(__always)
    package mutating func int32(
        _ name: StaticString, _ value: inout Int32, since: Int16 = 0, through: Int16 = .max
    ) {
        if carries(since, through) { int32(name, &value) }
    }

    @inline(__always)
    package mutating func int64(
        _ name: StaticString, _ value: inout Int64, since: Int16 = 0, through: Int16 = .max
    ) {
        if carries(since, through) { int64(name, &value) }
    }

    @inline(__always)
    package mutating func uuid(
        _ name: StaticString, _ value: inout TopicID, since: Int16 = 0, through: Int16 = .max
    ) {
        if carries(since, through) { uuid(name, &value) }
    }

    /// An int16 on the wire.
    @inline(__always)
    package mutating func errorCode(
        _ name: StaticString, _ value: inout ErrorCode, since: Int16 = 0, through: Int16 = .max
    ) {
        if carries(since, through) { int16(name, &value.rawValue) }
    }

    @inline(__always)
    package mutating func string(
        _ name: StaticString, _ value: inout String, since: Int16 = 0, through: Int16 = .max
    ) {
        if carries(since, through) { string(name, &value) }
    }

    @inline(__always)
    package mutating func nullableString(
        _ name: StaticString, _ value: inout String?,
        since: Int16 = 0, through: Int16 = .max, nullableSince: Int16 = 0
    ) {
        if carries(since, through) { nullableString(name, &value, mayBeNull: version >= nullableSince) }
    }

    @inline(__always)
    package mutating func bytes(
        _ name: StaticString, _ value: inout ByteBuffer, since: Int16 = 0, through: Int16 = .max
    ) {
        if carries(since, through) { bytes(name, &value) }
    }

    @inline(__always)
    package mutating func array<Element: WireValue>(
        _ name: StaticString, _ value: inout [Element], since: Int16 = 0, through: Int16 = .max
    ) {
        if carries(since, through) { array(name, &value) }
    }

    @inline(__always)
    package mutating func nullableArray<Element: WireValue>(
        _ name: StaticString, _ value: inout [Element]?,
        since: Int16 = 0, through: Int16 = .max, nullableSince: Int16 = 0
    ) {
        if carries(since, through) { nullableArray(name, &value, mayBeNull: version >= nullableSince) }
    }

    @inline(__always)
    package mutating func structure<Value: WireStruct>(
        _ name: StaticString, _ value: inout Value, since: Int16 = 0, through: Int16 = .max
    ) {
        if carries(since, through) { structure(name, &value) }
    }

    @inline(__always)
    package mutating func nullableStructure<Value: WireStruct>(
        _ name: StaticString, _ value: inout Value?,
        since: Int16 = 0, through: Int16 = .max, nullableSince: Int16 = 0
    ) {
        if carries(since, through) { nullableStructure(name, &value, mayBeNull: version >= nullableSince) }
    }

    @inline(__always)
    package mutating func tag<Value: WireValue>(
        _ tag: UInt32, _ name: StaticString, _ value: inout Value,
        since: Int16, through: Int16 = .max, default standard: Value = Value()
    ) {
        if carries(since, through) { tagged(tag, name, &value, unless: standard) }
    }
}
