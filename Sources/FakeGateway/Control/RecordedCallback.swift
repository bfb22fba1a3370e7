internal import NIOCore

/// The result of a queued call that went to its callback.
public struct RecordedCallback: Sendable {
    /// Of the call, in the order of the queue, from 1.
    public let number: Int
    public let url: String
    public let headers: [(name: String, value: String)]
    let buffer: ByteBuffer
    /// What the callback answered; `nil` as long as it has not, and if it could not be reached.
    public internal(set) var status: Int?
    /// Whether it was answered, or could not be reached.
    public internal(set) var isDone = false

    init(number: Int, url: String, headers: [(name: String, value: String)], buffer: ByteBuffer) {
        self.number = number
        self.url = url
        self.headers = headers
        self.buffer = buffer
    }

    public var text: String { String(buffer: buffer) }

    /// The first header of that name, whatever its case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
