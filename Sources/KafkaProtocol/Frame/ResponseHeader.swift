package import NIOCore

/// What stands before every reply: v0 the correlation id, v1 also tagged fields.
package struct ResponseHeader: Equatable, Sendable {
    package var correlationID: Int32

    package init(correlationID: Int32) {
        self.correlationID = correlationID
    }

    package static func decode(headerVersion: Int16, from buffer: inout ByteBuffer) throws(WireError) -> ResponseHeader
    {
        var correlationID: Int32 = 0
        var reader = WireReader(buffer, version: headerVersion, isFlexible: false)
        reader.int32("CorrelationId", &correlationID)
        if headerVersion >= 1 { reader.skipTags() }
        buffer = try reader.finish("ResponseHeader")
        return ResponseHeader(correlationID: correlationID)
    }

    package func encode(headerVersion: Int16, into buffer: inout ByteBuffer) {
        buffer.writeInteger(correlationID)
        if headerVersion >= 1 { buffer.writeUnsignedVarint(0) }
    }
}
