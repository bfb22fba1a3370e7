import DequeModule
internal import NIOCore
internal import NIOHTTP1
import OrderedCollections

/// A request that the gateway got, and what came of it.
public struct RecordedRequest: Sendable, CustomStringConvertible {
    /// In the order of arrival, from 1.
    public let number: Int
    public let method: String
    /// Path and query, as they came.
    public let target: String
    /// `name` or `name.namespace` as called; `nil` if the request was for none.
    public let function: String?
    /// Whether the queue's worker made it, not a client.
    public let isFromQueue: Bool
    let fields: HTTPHeaders
    /// Since 1970.
    public let arrivedNanoseconds: Int64
    let buffer: ByteBuffer
    /// `nil` as long as there is no reply, and for a connection that was dropped.
    public internal(set) var status: Int?
    /// From arrival to the reply, or the drop.
    public internal(set) var duration: Duration?

    /// In the order in which they came.
    public var headers: [(name: String, value: String)] { fields.map { ($0.name, $0.value) } }
    public var body: [UInt8] { Array(buffer.readableBytesView) }
    public var text: String { String(buffer: buffer) }

    /// The first header of that name, whatever its case.
    public func header(_ name: String) -> String? { fields.first(name: name) }

    /// - Returns: How long it took; `nil` if it ended before.
    fileprivate mutating func end(status: Int?, at nanoseconds: Int64) -> Duration? {
        guard duration == nil else { return nil }
        let duration = Duration.nanoseconds(nanoseconds - arrivedNanoseconds)
        (self.status, self.duration) = (status, duration)
        return duration
    }

    public var description: String {
        let outcome = status.map { "\($0)" } ?? (duration == nil ? "pending" : "dropped")
        return "#\(number) \(method) \(target) (\(buffer.readableBytes) bytes) -> \(outcome)"
    }
}

/// The last requests, oldest first.
struct RequestJournal: Sendable {
    private let capacity: Int
    private var entries: Deque<RecordedRequest> = []
    private var callsByFunction: OrderedDictionary<String, Int> = [:]
    private(set) var count = 0

    init(capacity: Int) { self.capacity = max(1, capacity) }

    var all: [RecordedRequest] { Array(entries) }
    /// Since the start, whether the journal still has them or not; sorted by name.
    var calls: [(name: String, calls: Int)] {
        callsByFunction.sorted { $0.key < $1.key }.map { (name: $0.key, calls: $0.value) }
    }

    /// - Returns: The request's number.
    mutating func begin(_ make: (_ number: Int) -> RecordedRequest) -> Int {
        count += 1
        let entry = make(count)
        if let function = entry.function { callsByFunction[function, default: 0] += 1 }
        if entries.count == capacity { entries.removeFirst() }
        entries.append(entry)
        return count
    }

    /// The request of that number; `nil` for one that is forgotten.
    subscript(_ number: Int) -> RecordedRequest? { index(of: number).map { entries[$0] } }

    /// The head of a long reply has been sent.
    mutating func begun(_ number: Int, status: Int) {
        guard let index = index(of: number) else { return }
        entries[index].status = status
    }

    /// - Returns: How long it took; `nil` if it ended before or is forgotten.
    mutating func end(_ number: Int, status: Int?, at nanoseconds: Int64) -> Duration? {
        guard let index = index(of: number) else { return nil }
        return entries[index].end(status: status, at: nanoseconds)
    }

    /// Numbers run on without a gap.
    private func index(of number: Int) -> Int? {
        let index = number - (count - entries.count + 1)
        return entries.indices.contains(index) ? index : nil
    }
}
