import CCRC32C
import KafkaProtocol
import NIOCore
import Testing

@Suite struct `Checksums` {
    @Test func `known values`() {
        #expect(Checksum.crc32c(ByteBuffer(string: "123456789")) == 0xe306_9283)
        #expect(Checksum.crc32(ByteBuffer(string: "123456789")) == 0xcbf4_3926)
        #expect(Checksum.crc32c(ByteBuffer()) == 0)
    }

    /// Around the edges of a word and of the three lanes.
    @Test(arguments: [0, 1, 7, 8, 9, 63, 6_143, 6_144, 6_145, 12_288, 20_001])
    func `the instruction agrees with the definition`(length: Int) {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 5) }
        let defined = unsafe bytes.withUnsafeBytes { unsafe crc32c_portable(7, $0.baseAddress, $0.count) }
        let computed = unsafe bytes.withUnsafeBytes { unsafe crc32c(7, $0.baseAddress, $0.count) }
        #expect(computed == defined)
    }
}
