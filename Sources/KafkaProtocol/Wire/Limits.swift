/// What decoding accepts at most, so that no peer can make it allocate without bound.
///
/// Kafka's own figures where it has any; a count is also refused when the bytes that are left cannot hold it.
package struct Limits: Sendable {
    /// Bytes of one frame, its length prefix not counted. Kafka: `socket.request.max.bytes`.
    package var frameBytes = 104_857_600
    /// Bytes of one string. Kafka refuses longer ones in compact form, and the old form cannot say more.
    package var stringBytes = 32_767
    /// Elements of all arrays of one message together; an element of few bytes takes many in memory.
    package var arrayElements = 1_000_000
    /// Headers of one record.
    package var recordHeaders = 10_000

    package init() {}

    package static let standard = Limits()
}
