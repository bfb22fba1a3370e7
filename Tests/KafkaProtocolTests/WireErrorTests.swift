import KafkaProtocol
import NIOCore
import Testing

@Suite struct `What cannot be read or written` {
    @Test func `text that is not UTF-8`() {
        var bytes = ByteBuffer(bytes: [0, 2, 0xc3, 0x28])
        #expect(failure(.heartbeat, 0, &bytes) == Failure("GroupId", .invalidUTF8))
    }

    @Test func `null where the version has none`() {
        var bytes = ByteBuffer(bytes: [0xff, 0xff])
        #expect(failure(.heartbeat, 0, &bytes) == Failure("GroupId", .badLength(-1)))
        var fetch = OffsetFetchRequest()
        fetch.topics = nil
        var written = ByteBuffer()
        #expect {
            try Request.offsetFetch(fetch).encode(version: 1, into: &written)
        } throws: {
            ($0 as? WireError)?.reason == .nullNotAllowed
        }
        #expect(written.readableBytes == 0)
    }

    @Test func `a nil string is empty where the version has no null`() throws {
        var reply = JoinGroupResponse()
        reply.protocolName = nil
        for (version, name) in [(6, ""), (7, nil)] as [(Int16, String?)] {
            var bytes = ByteBuffer()
            try Response.joinGroup(reply).encode(version: version, into: &bytes)
            guard case .joinGroup(let read) = try Response.decode(.joinGroup, version: version, from: &bytes) else {
                Issue.record("another reply")
                continue
            }
            #expect(read.protocolName == name)
        }
    }

    @Test func `tags that are not ours are passed over`() throws {
        // Heartbeat v4 with an empty body but for tags 0 and 9.
        var bytes = ByteBuffer(bytes: [1, 0, 0, 0, 0, 1, 0, 2, 0, 2, 7, 7, 9, 0])
        #expect(try Request.decode(.heartbeat, version: 4, from: &bytes) == .heartbeat(HeartbeatRequest()))
        #expect(bytes.readableBytes == 0)
    }

    @Test func `tags that descend or repeat, and values that do not fill their size`() {
        var descending = ByteBuffer(bytes: [1, 0, 0, 0, 0, 1, 0, 2, 9, 0, 9, 0])
        #expect(failure(.heartbeat, 4, &descending) == Failure("TaggedFields", .tagOrder(9)))
        // ApiVersions v3: no error, no keys, no throttling, FinalizedFeaturesEpoch of nine bytes.
        var oversized = ByteBuffer(bytes: [0, 0, 1, 0, 0, 0, 0, 1, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(throws: WireError.self) { try Response.decode(.apiVersions, version: 3, from: &oversized) }
    }

    @Test func `bytes that are left over after a request`() throws {
        var bytes = ByteBuffer()
        try Frame.encode(
            Request.apiVersions(.init()), version: 0, correlationID: 1, clientID: nil, into: &bytes)
        bytes.moveReaderIndex(forwardBy: 4)
        bytes.writeInteger(0 as UInt8)
        #expect {
            try Frame.decodeRequest(bytes)
        } throws: {
            ($0 as? WireError)?.reason == .trailingBytes(1)
        }
    }

    @Test func `a request of an unknown key, and of an unknown version whose header can still be read`() throws {
        var unknown = ByteBuffer(bytes: [0x7f, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff])
        #expect {
            try RequestHeader.decode(from: &unknown)
        } throws: {
            ($0 as? WireError)?.reason == .unknownAPIKey(0x7f00)
        }
        var newer = ByteBuffer(bytes: [0, 18, 0, 99, 0, 0, 0, 5, 0, 1, 0x61, 0])
        let header = try RequestHeader.decode(from: &newer)
        #expect(header == RequestHeader(apiKey: .apiVersions, apiVersion: 99, correlationID: 5, clientID: "a"))
        #expect {
            try Request.decode(.apiVersions, version: 99, from: &newer)
        } throws: {
            ($0 as? WireError)?.reason == .unsupportedVersion(99, supported: 0...4)
        }
    }

    private struct Failure: Equatable {
        var field: String
        var reason: WireError.Reason

        init(_ field: String, _ reason: WireError.Reason) {
            self.field = field
            self.reason = reason
        }
    }

    private func failure(_ apiKey: APIKey, _ version: Int16, _ bytes: inout ByteBuffer) -> Failure? {
        do {
            _ = try Request.decode(apiKey, version: version, from: &bytes)
            return nil
        } catch {
            return Failure(error.field, error.reason)
        }
    }
}
