internal import CZlib
internal import KafkaProtocol
internal import NIOCore

/// gzip (RFC 1952), by zlib.
enum Gzip {
    /// The largest window, and 16 for gzip's header and trailer in place of zlib's.
    private static let windowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 8

    static func open(_ bytes: ByteBuffer, limit: Int) throws(CompressionError) -> ByteBuffer {
        // zlib keeps the address.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: unsafe z_stream())
        defer {
            unsafe inflateEnd(stream)
            unsafe stream.deallocate()
        }
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        guard unsafe inflateInit2_(stream, windowBits, ZLIB_VERSION, size) == Z_OK else {
            throw CompressionError(compression: .gzip, reason: .failed)
        }
        var startsAnew = false
        return try unsafe inflate(bytes, .gzip, limit: limit) { input, output in
            if startsAnew { unsafe inflateReset(stream) }
            startsAnew = false
            unsafe point(stream, input, output)
            let result = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
            guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else { return .damaged }
            startsAnew = result == Z_STREAM_END
            return unsafe .went(
                consumed: input.count - Int(stream.pointee.avail_in),
                produced: output.count - Int(stream.pointee.avail_out), isAtEnd: startsAnew)
        }
    }

    static func close(_ bytes: ByteBuffer) throws(CompressionError) -> ByteBuffer {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: unsafe z_stream())
        defer {
            unsafe deflateEnd(stream)
            unsafe stream.deallocate()
        }
        let began = unsafe deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard began == Z_OK else { throw CompressionError(compression: .gzip, reason: .failed) }
        let bound = unsafe Int(deflateBound(stream, UInt(bytes.readableBytes)))
        return try unsafe deflate(bytes, .gzip, bound: bound) { input, output in
            unsafe point(stream, input, output)
            guard unsafe CZlib.deflate(stream, Z_FINISH) == Z_STREAM_END else { return nil }
            return unsafe output.count - Int(stream.pointee.avail_out)
        }
    }

    private static func point(
        _ stream: UnsafeMutablePointer<z_stream>, _ input: UnsafeRawBufferPointer,
        _ output: UnsafeMutableRawBufferPointer
    ) {
        // zlib only reads what `next_in` points to.
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = output.assumingMemoryBound(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_out = UInt32(output.count)
    }
}
