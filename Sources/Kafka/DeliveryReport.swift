/// What became of one message that was produced.
package struct DeliveryReport: Sendable {
    /// What the producer gave with the message.
    package let token: UInt
    package let partition: Int32
    /// Negative if unknown: the message failed, or `acks=0`.
    package let offset: Int64
    /// `nil` once the brokers acknowledged the message.
    package let error: ErrorCode?
    /// From the call that produced the message to this report. Messages in a row that have one token share the first
    /// one's: they were produced together.
    package let latencyMicroseconds: Int64

    package init(token: UInt, partition: Int32, offset: Int64, error: ErrorCode?, latencyMicroseconds: Int64) {
        self.token = token
        self.partition = partition
        self.offset = offset
        self.error = error
        self.latencyMicroseconds = latencyMicroseconds
    }
}
