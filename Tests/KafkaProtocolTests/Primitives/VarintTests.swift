import KafkaProtocol
import NIOCore
import Testing

@Suite struct `Varints` {
    @Test(arguments: [0, 1, -1, 63, 64, -64, -65, 300, Int32.max, .min] as [Int32])
    func `come back as they went`(value: Int32) {
        var buffer = ByteBuffer()
        buffer.writeVarint(value)
        buffer.writeVarlong(Int64(value) << 31)
        buffer.writeUnsignedVarint(UInt32(bitPattern: value))
        #expect(buffer.readVarint() == value)
        #expect(buffer.readVarlong() == Int64(value) << 31)
        #expect(buffer.readUnsignedVarint() == UInt32(bitPattern: value))
        #expect(buffer.readableBytes == 0)
    }

    @Test func `the widest long has ten bytes`() {
        for value in [Int64.max, .min] {
            var buffer = ByteBuffer()
            buffer.writeVarlong(value)
            #expect(buffer.readableBytes == 10)
            #expect(buffer.readVarlong() == value)
        }
    }

    @Test(arguments: [
        [0x80], [0xff, 0xff], [0x80, 0x80, 0x80, 0x80, 0x80], [0xff, 0xff, 0xff, 0xff, 0x1f],
        [0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    ])
    func `what ends early or is too long is refused and stays`(bytes: [UInt8]) {
        var buffer = ByteBuffer(bytes: bytes)
        #expect(buffer.readUnsignedVarint() == nil)
        #expect(buffer.readVarint() == nil)
        #expect(buffer.readableBytes == bytes.count)
    }

    @Test func `a long of eleven bytes, or with bits beyond the 64th, is refused`() {
        var eleven = ByteBuffer(repeating: 0x80, count: 10)
        eleven.writeInteger(0x01 as UInt8)
        #expect(eleven.readVarlong() == nil)
        var tooWide = ByteBuffer(repeating: 0x80, count: 9)
        tooWide.writeInteger(0x02 as UInt8)
        #expect(tooWide.readVarlong() == nil)
    }
}
