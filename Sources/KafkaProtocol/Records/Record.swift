package import NIOCore

/// One record, as a reader finds it. Key, value and header values are slices of the batch, not copies.
package struct Record: Equatable, Sendable {
    package var offset: Int64
    package var timestampMs: Int64
    package var key: ByteBuffer?
    /// Nil is a tombstone.
    package var value: ByteBuffer?
    package var headers: [Header] = []

    /// Keys may repeat, and their order is kept.
    package struct Header: Equatable, Sendable {
        package var key: String
        package var value: ByteBuffer?

        package init(key: String, value: ByteBuffer?) {
            self.key = key
            self.value = value
        }
    }

    package init(
        offset: Int64 = 0, timestampMs: Int64 = 0, key: ByteBuffer? = nil, value: ByteBuffer?, headers: [Header] = []
    ) {
        self.offset = offset
        self.timestampMs = timestampMs
        self.key = key
        self.value = value
        self.headers = headers
    }
}
