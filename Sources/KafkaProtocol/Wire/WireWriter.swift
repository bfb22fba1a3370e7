package import NIOCore

/// Writes a message as bytes.
///
/// What cannot be written (null where this version has none, a string too long for its length field) is kept as the
/// first failure, and ``finish(_:givingBack:)`` throws it.
package struct WireWriter: WireCoder {
    package let version: Int16
    package let isFlexible: Bool
    private var buffer: ByteBuffer

    /// Leave every tag section empty: librdkafka 2.0.2 drops the connection over some tagged fields.
    private let omitTags: Bool
    private let start: Int
    private var failure: (path: String, offset: Int, reason: WireError.Reason)?
    private var tagPass = TagPass.none

    /// The count of tagged fields stands before them, so `wireTags` is walked twice.
    private enum TagPass {
        case none
        case counting(Int)
        case writing
    }

    /// Records that were left out of the buffer, and where they belong.
    struct Cut {
        var offset: Int
        var records: ByteBuffer
    }

    /// Records of this many bytes or more are left out of the buffer rather than copied into it.
    private let cutFrom: Int
    private var cuts: [Cut] = []

    /// Takes the buffer, so that appending to it copies nothing, until ``finish(_:givingBack:)``.
    init(
        taking buffer: inout ByteBuffer, version: Int16, isFlexible: Bool, omitTags: Bool = false,
        cutFrom: Int = .max
    ) {
        self.buffer = ByteBuffer()
        self.version = version
        self.isFlexible = isFlexible
        self.omitTags = omitTags
        self.cutFrom = cutFrom
        self.start = buffer.writerIndex
        swap(&self.buffer, &buffer)
    }

    /// Gives back the buffer with what was written; or as it was, and throws the first failure with the name of the
    /// message.
    @discardableResult
    consuming func finish(
        _ message: @autoclosure () -> String, givingBack buffer: inout ByteBuffer
    ) throws(WireError) -> [Cut] {
        swap(&self.buffer, &buffer)
        guard let failure else { return cuts }
        buffer.moveWriterIndex(to: start)
        throw WireError(
            message: message(), version: version, field: failure.path, offset: failure.offset, reason: failure.reason)
    }

    // MARK: Fixed width

    @inline(__always)
    package mutating func bool(_ name: StaticString, _ value: inout Bool) {
        buffer.writeInteger(value ? 1 : 0 as UInt8)
    }

    @inline(__always)
    package mutating func int8(_ name: StaticString, _ value: inout Int8) { buffer.writeInteger(value) }

    @inline(__always)
    package mutating func int16(_ name: StaticString, _ value: inout Int16) { buffer.writeInteger(value) }

    @inline(__always)
    package mutating func int32(_ name: StaticString, _ value: inout Int32) { buffer.writeInteger(value) }

    @inline(__always)
    package mutating func int64(_ name: StaticString, _ value: inout Int64) { buffer.writeInteger(value) }

    package mutating func float64(_ name: StaticString, _ value: inout Double) {
        buffer.writeInteger(value.bitPattern)
    }

    package mutating func uuid(_ name: StaticString, _ value: inout TopicID) {
        buffer.writeMultipleIntegers(value.high, value.low)
    }

    // MARK: Strings and bytes

    package mutating func string(_ name: StaticString, _ value: inout String) {
        let length = value.utf8.count
        if isFlexible {
            buffer.writeUnsignedVarint(UInt32(truncatingIfNeeded: length + 1))
        } else {
            buffer.writeInteger(Int16(truncatingIfNeeded: length))
        }
        if length > Int(Int16.max) { return fail(name, .beyondLimit(length, limit: Int(Int16.max))) }
        buffer.writeString(value)
    }

    package mutating func nullableString(_ name: StaticString, _ value: inout String?, mayBeNull: Bool) {
        // In a version without null, the empty string says that there is nothing (JoinGroup's protocol name).
        if value != nil || !mayBeNull {
            var text = value ?? ""
            return string(name, &text)
        }
        if isFlexible { buffer.writeInteger(0 as UInt8) } else { buffer.writeInteger(-1 as Int16) }
    }

    package mutating func bytes(_ name: StaticString, _ value: inout ByteBuffer) {
        writeLength(value.readableBytes)
        buffer.writeImmutableBuffer(value)
    }

    package mutating func records(_ name: StaticString, _ value: inout ByteBuffer?) {
        guard let records = value else { return writeNull() }
        writeLength(records.readableBytes)
        if records.readableBytes >= cutFrom {
            cuts.append(Cut(offset: buffer.writerIndex, records: records))
        } else {
            buffer.writeImmutableBuffer(records)
        }
    }

    @inline(__always)
    private mutating func writeLength(_ length: Int) {
        if isFlexible {
            buffer.writeUnsignedVarint(UInt32(truncatingIfNeeded: length + 1))
        } else {
            buffer.writeInteger(Int32(truncatingIfNeeded: length))
        }
    }

    private mutating func writeNull() {
        if isFlexible { buffer.writeInteger(0 as UInt8) } else { buffer.writeInteger(-1 as Int32) }
    }

    // MARK: Arrays and structs

    package mutating func array<Element: WireValue>(_ name: StaticString, _ value: inout [Element]) {
        writeLength(value.count)
        // Reads a copy of each element: writing through `value` would copy the whole array if somebody else held it.
        for index in value.indices {
            var element = value[index]
            let failed = failure != nil
            element.wireValue("", &self)
            if !failed, failure != nil { prefixPath("\(name)[\(index)]") }
        }
    }

    package mutating func nullableArray<Element: WireValue>(
        _ name: StaticString, _ value: inout [Element]?, mayBeNull: Bool
    ) {
        if var elements = value { return array(name, &elements) }
        writeNull()
        if !mayBeNull { fail(name, .nullNotAllowed) }
    }

    package mutating func structure<Value: WireStruct>(_ name: StaticString, _ value: inout Value) {
        let failed = failure != nil
        value.wire(&self)
        if isFlexible { tags(of: &value) }
        if !failed, failure != nil, name.utf8CodeUnitCount > 0 { prefixPath("\(name)") }
    }

    package mutating func nullableStructure<Value: WireStruct>(
        _ name: StaticString, _ value: inout Value?, mayBeNull: Bool
    ) {
        guard var present = value else {
            buffer.writeInteger(-1 as Int8)
            if !mayBeNull { fail(name, .nullNotAllowed) }
            return
        }
        buffer.writeInteger(1 as Int8)
        structure(name, &present)
    }

    // MARK: Tagged fields

    /// An empty tag section, as headers have it.
    package mutating func writeNoTags() {
        buffer.writeUnsignedVarint(0)
    }

    private mutating func tags<Value: WireStruct>(of value: inout Value) {
        tagPass = .counting(0)
        if !omitTags { value.wireTags(&self) }
        guard case .counting(let count) = tagPass else { return }
        buffer.writeUnsignedVarint(UInt32(truncatingIfNeeded: count))
        tagPass = .writing
        if count > 0 { value.wireTags(&self) }
        tagPass = .none
    }

    package mutating func tagged<Value: WireValue>(
        _ tag: UInt32, _ name: StaticString, _ value: inout Value, unless standard: Value
    ) {
        guard value != standard else { return }
        if case .counting(let count) = tagPass {
            tagPass = .counting(count + 1)
            return
        }
        // The size stands first, so the value is written beside. Tagged values are few and small.
        buffer.writeUnsignedVarint(tag)
        var beside = ByteBuffer()
        swap(&beside, &buffer)
        value.wireValue(name, &self)
        swap(&beside, &buffer)
        buffer.writeUnsignedVarint(UInt32(truncatingIfNeeded: beside.readableBytes))
        buffer.writeImmutableBuffer(beside)
        tagPass = .writing
    }

    // MARK: Failure

    private mutating func fail(_ name: StaticString, _ reason: WireError.Reason) {
        guard failure == nil else { return }
        failure = ("\(name)", buffer.writerIndex - start, reason)
    }

    private mutating func prefixPath(_ step: String) {
        guard let path = failure?.path else { return }
        failure?.path = path.isEmpty ? step : "\(step).\(path)"
    }
}
