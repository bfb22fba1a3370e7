internal import CLZ4
internal import KafkaProtocol
internal import NIOCore

/// LZ4's frame format, by liblz4.
enum LZ4Frame {
    static func open(_ bytes: ByteBuffer, limit: Int) throws(CompressionError) -> ByteBuffer {
        var created: OpaquePointer?
        guard unsafe LZ4F_isError(LZ4F_createDecompressionContext(&created, UInt32(LZ4F_VERSION))) == 0,
            let context = unsafe created
        else { throw CompressionError(compression: .lz4, reason: .failed) }
        defer { unsafe LZ4F_freeDecompressionContext(context) }
        return try unsafe inflate(bytes, .lz4, limit: limit) { input, output in
            var consumed = input.count
            var produced = output.count
            let hint = unsafe LZ4F_decompress(
                context, output.baseAddress, &produced, input.baseAddress, &consumed, nil)
            guard LZ4F_isError(hint) == 0 else { return .damaged }
            return .went(consumed: consumed, produced: produced, isAtEnd: hint == 0)
        }
    }

    static func close(_ bytes: ByteBuffer) throws(CompressionError) -> ByteBuffer {
        let bound = LZ4F_compressFrameBound(bytes.readableBytes, nil)
        return try unsafe deflate(bytes, .lz4, bound: bound) { input, output in
            let count = unsafe LZ4F_compressFrame(output.baseAddress, output.count, input.baseAddress, input.count, nil)
            return LZ4F_isError(count) == 0 ? count : nil
        }
    }
}
