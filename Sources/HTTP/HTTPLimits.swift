/// Every bound on what a peer may make this target hold, in one place.
package struct HTTPLimits: Sendable {
    /// One header field, name and value, in bytes; also the request's target.
    package var headerFieldBytes = 32 * 1024
    /// All header fields of one message, in bytes.
    package var headerBytes = 64 * 1024
    /// Header fields in one message.
    package var headerFields = 256
    /// The body of one request, in bytes.
    package var bodyBytes = 32 * 1024 * 1024
    /// Connections that a server keeps at once; one more is closed as soon as it was accepted.
    package var serverConnections = 16_384

    package init() {}
}
