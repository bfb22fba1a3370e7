package import NIOCore

/// One walk over a message, for every purpose.
///
/// A message names each of its fields once, in wire order, with Kafka's own spelling and the versions that carry it:
///
///     w.string("MemberId", &memberID)
///     w.nullableString("GroupInstanceId", &groupInstanceID, since: 3)
///
/// A coder decides what a visit means: ``WireReader`` fills the field from bytes, ``WireWriter`` writes it,
/// ``WireLayout`` notes that it is there, ``WireSampler`` fills it from a seed. So encoding and decoding cannot drift
/// apart. The version, and whether it is flexible (compact lengths and tagged fields), lives in the coder.
///
/// Fields start at Kafka's defaults, but an optional one is nil unless Kafka names another value.
///
/// A walk may never look at the values it passes on the way, or the bytes would depend on them.
///
/// Source: Apache Kafka's protocol guide and message definitions (KIP-482 for flexible versions).
package protocol WireCoder {
    var version: Int16 { get }

    mutating func bool(_ name: StaticString, _ value: inout Bool)
    mutating func int8(_ name: StaticString, _ value: inout Int8)
    mutating func int16(_ name: StaticString, _ value: inout Int16)
    mutating func int32(_ name: StaticString, _ value: inout Int32)
    mutating func int64(_ name: StaticString, _ value: inout Int64)
    mutating func float64(_ name: StaticString, _ value: inout Double)
    mutating func uuid(_ name: StaticString, _ value: inout TopicID)
    mutating func string(_ name: StaticString, _ value: inout String)
    mutating func bytes(_ name: StaticString, _ value: inout ByteBuffer)
    /// Record batches: bytes that a reader slices from the frame rather than copies. Null in any version.
    mutating func records(_ name: StaticString, _ value: inout ByteBuffer?)

    mutating func nullableString(_ name: StaticString, _ value: inout String?, mayBeNull: Bool)

    mutating func array<Element: WireValue>(_ name: StaticString, _ value: inout [Element])
    mutating func nullableArray<Element: WireValue>(
        _ name: StaticString, _ value: inout [Element]?, mayBeNull: Bool)
    mutating func structure<Value: WireStruct>(_ name: StaticString, _ value: inout Value)
    mutating func nullableStructure<Value: WireStruct>(
        _ name: StaticString, _ value: inout Value?, mayBeNull: Bool)

    /// A tagged field: on the wire only if it differs from `standard`, its default. Called from `wireTags` alone.
    mutating func tagged<Value: WireValue>(
        _ tag: UInt32, _ name: StaticString, _ value: inout Value, unless standard: Value)
}

/// What can stand in an array or behind a tag.
package protocol WireValue: Equatable, Sendable {
    init()
    mutating func wireValue(_ name: StaticString, _ w: inout some WireCoder)
}

/// A message, or a struct inside of one.
package protocol WireStruct: WireValue {
    /// Names the fields in wire order.
    mutating func wire(_ w: inout some WireCoder)
    /// Names the tagged fields in ascending order of their tags.
    mutating func wireTags(_ w: inout some WireCoder)
}

extension WireStruct {
    @inline(__always)
    package mutating func wireTags(_ w: inout some WireCoder) {}

    @inline(__always)
    package mutating func wireValue(_ name: StaticString, _ w: inout some WireCoder) {
        w.structure(name, &self)
    }
}
