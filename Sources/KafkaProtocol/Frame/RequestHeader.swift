package import NIOCore

/// What stands before every request.
///
/// v1 client id; v2 tagged fields (KIP-482). v0 belonged to ControlledShutdown v0 alone, which clients never send.
package struct RequestHeader: Equatable, Sendable {
    package var apiKey: APIKey
    package var apiVersion: Int16
    /// Chosen by the client; its reply carries the same.
    package var correlationID: Int32
    package var clientID: String?

    package init(apiKey: APIKey, apiVersion: Int16, correlationID: Int32, clientID: String?) {
        self.apiKey = apiKey
        self.apiVersion = apiVersion
        self.correlationID = correlationID
        self.clientID = clientID
    }

    /// Reads the header and leaves the body. The version may be one that we do not speak: the caller looks first.
    package static func decode(
        from buffer: inout ByteBuffer, limits: Limits = .standard
    ) throws(WireError) -> RequestHeader {
        guard let (key, version) = buffer.getMultipleIntegers(at: buffer.readerIndex, as: (Int16, Int16).self) else {
            throw WireError(
                message: "RequestHeader", version: 1, field: "RequestApiKey", offset: 0,
                reason: .truncated(needed: 4, left: buffer.readableBytes))
        }
        guard let apiKey = APIKey(rawValue: key) else {
            throw WireError(
                message: "RequestHeader", version: 1, field: "RequestApiKey", offset: 0,
                reason: .unknownAPIKey(key))
        }
        var fields = Fields()
        let headerVersion = apiKey.requestHeaderVersion(version)
        var reader = WireReader(buffer, version: headerVersion, isFlexible: false, limits: limits)
        fields.wire(&reader)
        if headerVersion >= 2 { reader.skipTags() }
        buffer = try reader.finish("RequestHeader")
        return RequestHeader(
            apiKey: apiKey, apiVersion: version, correlationID: fields.correlationID, clientID: fields.clientID)
    }

    package func encode(into buffer: inout ByteBuffer) throws(WireError) {
        var fields = Fields()
        fields.apiKey = apiKey.rawValue
        fields.apiVersion = apiVersion
        fields.correlationID = correlationID
        fields.clientID = clientID
        let headerVersion = apiKey.requestHeaderVersion(apiVersion)
        var writer = WireWriter(taking: &buffer, version: headerVersion, isFlexible: false)
        fields.wire(&writer)
        if headerVersion >= 2 { writer.writeNoTags() }
        try writer.finish("RequestHeader", givingBack: &buffer)
    }

    /// The client id keeps its old length field in every version, so that a broker can read it before it knows the
    /// version; hence never flexible, with the tag section of v2 beside.
    private struct Fields: WireStruct {
        var apiKey: Int16 = 0
        var apiVersion: Int16 = 0
        var correlationID: Int32 = 0
        var clientID: String?

        mutating func wire(_ w: inout some WireCoder) {
            w.int16("RequestApiKey", &apiKey)
            w.int16("RequestApiVersion", &apiVersion)
            w.int32("CorrelationId", &correlationID)
            w.nullableString("ClientId", &clientID, since: 1)
        }
    }
}
