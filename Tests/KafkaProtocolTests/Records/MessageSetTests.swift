import KafkaProtocol
import NIOCore
import Testing

@Suite struct `Message sets` {
    @Test(arguments: [0, 1] as [Int8]) func `records of the old formats are read`(magic: Int8) throws {
        var set = message(magic, offset: 7, key: "key", value: "value")
        var second = message(magic, offset: 8, key: nil, value: nil)
        set.writeBuffer(&second)
        #expect(RecordBatch.magic(of: set) == magic)
        var reader = MessageSetReader(set)
        let timestamp: Int64 = magic == 1 ? 1_234 : -1
        #expect(
            try reader.next()
                == Record(
                    offset: 7, timestampMs: timestamp, key: ByteBuffer(string: "key"),
                    value: ByteBuffer(string: "value")))
        #expect(try reader.next() == Record(offset: 8, timestampMs: timestamp, key: nil, value: nil))
        #expect(try reader.next() == nil)
    }

    @Test func `a last message that is cut short ends the set`() throws {
        let set = message(1, offset: 0, key: nil, value: "value")
        var reader = MessageSetReader(set.getSlice(at: 0, length: set.readableBytes - 1)!)
        #expect(try reader.next() == nil)
    }

    @Test func `a bad checksum, an unknown format and a compressed message are errors`() throws {
        var flipped = message(1, offset: 0, key: nil, value: "value")
        flipped.setInteger(0 as UInt8, at: flipped.writerIndex - 1)
        for set in [flipped, message(5, offset: 0, key: nil, value: nil), message(1, attributes: 1)] {
            var reader = MessageSetReader(set)
            #expect(throws: WireError.self) { try reader.next() }
        }
    }

    private func message(
        _ magic: Int8, attributes: Int8 = 0, offset: Int64 = 0, key: String? = nil, value: String? = nil
    ) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeMultipleIntegers(magic, attributes)
        if magic >= 1 { body.writeInteger(1_234 as Int64) }
        for part in [key, value] {
            body.writeInteger(part.map { Int32($0.utf8.count) } ?? -1)
            body.writeString(part ?? "")
        }
        var message = ByteBuffer()
        message.writeMultipleIntegers(offset, Int32(body.readableBytes + 4), Checksum.crc32(body))
        message.writeBuffer(&body)
        return message
    }
}
