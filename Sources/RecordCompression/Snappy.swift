internal import KafkaProtocol
internal import NIOCore

/// Snappy's block format, bare or in the frames of Java's snappy-java ("xerial"), which Kafka's own client writes.
///
/// Source: google/snappy, format_description.txt; xerial/snappy-java, SnappyOutputStream.
enum Snappy {
    /// Then come two numbers of four bytes, the version and the oldest that can read it.
    private static let frameMagic: [UInt8] = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]
    private static let frameHeaderBytes = 16

    static func open(_ bytes: ByteBuffer, limit: Int) throws(CompressionError) -> ByteBuffer {
        var output: [UInt8] = []
        var rest = bytes
        guard bytes.readableBytesView.starts(with: frameMagic) else {
            try SnappyBlock.open(Array(buffer: bytes), into: &output, limit: limit)
            return ByteBuffer(bytes: output)
        }
        guard rest.readSlice(length: frameHeaderBytes) != nil else { throw error(.truncated) }
        while rest.readableBytes > 0 {
            guard let length: UInt32 = rest.readInteger(), let block = rest.readBytes(length: Int(length)) else {
                throw error(.truncated)
            }
            try SnappyBlock.open(block, into: &output, limit: limit)
        }
        return ByteBuffer(bytes: output)
    }

    /// A bare block.
    static func close(_ bytes: ByteBuffer) -> ByteBuffer {
        ByteBuffer(bytes: SnappyBlock.close(Array(buffer: bytes)))
    }

    static func error(_ reason: CompressionError.Reason) -> CompressionError {
        CompressionError(compression: .snappy, reason: reason)
    }
}
