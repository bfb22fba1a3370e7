import KafkaProtocol
import NIOCore
import Testing

@Suite struct `What decoding accepts at most` {
    /// No transactional id, acks, timeout, 2^31 - 1 topics or more.
    @Test(
        arguments: zip(
            [3, 9] as [Int16],
            [
                [0xff, 0xff, 0, 1, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff],
                [0, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f],
            ] as [[UInt8]]))
    func `a count that the bytes cannot hold is refused before anything is allocated`(
        version: Int16, bytes: [UInt8]
    ) {
        var buffer = ByteBuffer(bytes: bytes)
        #expect {
            try Request.decode(.produce, version: version, from: &buffer)
        } throws: { error in
            guard let error = error as? WireError, case .truncated = error.reason else { return false }
            return error.field == "TopicData"
        }
    }

    @Test func `elements of one message are counted together`() throws {
        var limits = Limits()
        limits.arrayElements = 7
        var partition = ListOffsetsRequest.ListOffsetsTopic()
        partition.partitions = [.init(), .init()]
        var request = ListOffsetsRequest()
        for (topics, isAllowed) in [(2, true), (3, false)] {
            request.topics = Array(repeating: partition, count: topics)
            var bytes = ByteBuffer()
            try Request.listOffsets(request).encode(version: 1, into: &bytes)
            let read = try? Request.decode(.listOffsets, version: 1, from: &bytes, limits: limits)
            #expect((read != nil) == isAllowed)
        }
    }

    @Test func `a string has 32767 bytes at most, in any version`() throws {
        for (length, isAllowed) in [(32_767, true), (32_768, false)] {
            for version in [0, 4] as [Int16] {
                var heartbeat = HeartbeatRequest()
                heartbeat.groupID = String(repeating: "g", count: length)
                var bytes = ByteBuffer()
                if isAllowed {
                    try Request.heartbeat(heartbeat).encode(version: version, into: &bytes)
                    #expect(
                        try Request.decode(.heartbeat, version: version, from: &bytes) == .heartbeat(heartbeat))
                } else {
                    #expect(throws: WireError.self) {
                        try Request.heartbeat(heartbeat).encode(version: version, into: &bytes)
                    }
                    #expect(bytes.readableBytes == 0)
                }
            }
        }
        var tooLong = ByteBuffer()
        tooLong.writeUnsignedVarint(32_769)
        tooLong.writeString(String(repeating: "g", count: 32_768))
        #expect(throws: WireError.self) { try Request.decode(.heartbeat, version: 4, from: &tooLong) }
    }

    @Test func `a frame beyond the limit is refused by its length alone`() throws {
        var limits = Limits()
        limits.frameBytes = 5
        var five = ByteBuffer()
        five.writeInteger(5 as Int32)
        five.writeString("abcd")
        #expect(try Frame.next(from: &five, limits: limits) == nil)
        five.writeString("e")
        #expect(try Frame.next(from: &five, limits: limits) == ByteBuffer(string: "abcde"))
        for length in [6, -1, .min, .max] as [Int32] {
            var six = ByteBuffer()
            six.writeInteger(length)
            #expect(throws: WireError.self) { try Frame.next(from: &six, limits: limits) }
        }
    }
}
