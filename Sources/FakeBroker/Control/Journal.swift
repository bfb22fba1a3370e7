internal import DequeModule
internal import KafkaProtocol

extension FakeBroker {
    /// One request, and what became of it.
    public struct JournalEntry: Sendable, Equatable, CustomStringConvertible {
        public enum Outcome: Sendable, Equatable, CustomStringConvertible {
            /// Not answered yet: a long poll, a member in a rebalance, or a delay.
            case waiting
            /// Answered, with the first error in the reply, so long after the request.
            case answered(KafkaError, after: Duration)
            /// Taken, and left without an answer by an interceptor.
            case dropped
            /// The connection was closed instead of an answer.
            case closed

            public var description: String {
                switch self {
                case .waiting: "waiting"
                case .answered(.none, let time): "answered after \(FaultTime.text(time))"
                case .answered(let error, let time): "\(error) after \(FaultTime.text(time))"
                case .dropped: "dropped"
                case .closed: "closed"
                }
            }
        }

        /// Counts the requests of the cluster, from 0.
        public let number: UInt64
        /// Since the cluster's start.
        public let time: Duration
        /// Kafka's name of the API, such as `Produce`.
        public let api: String
        public let apiVersion: Int
        /// The node id of the broker that was asked.
        public let broker: Int
        /// Which of the connections ever made to the cluster.
        public let connection: UInt64
        public let clientID: String?
        public let correlationID: Int
        public internal(set) var outcome = Outcome.waiting
        /// The rules of the ``FaultPlan`` that met it.
        public internal(set) var faults: [String] = []
        /// The request's fields as text, if ``FakeBroker/Configuration/journalMessages`` is set. Of bytes and records
        /// only the length.
        public internal(set) var request: String?
        /// The reply's fields as text, likewise.
        public internal(set) var reply: String?

        public var description: String {
            var text =
                "#\(number) \(FaultTime.text(time)) broker \(broker) connection \(connection) \(clientID ?? "-") "
                + "\(api) v\(apiVersion) [\(correlationID)]: \(outcome)"
            if !faults.isEmpty { text += " by \(faults.joined(separator: ", "))" }
            if let request { text += "\n    > \(request)" }
            if let reply { text += "\n    < \(reply)" }
            return text
        }
    }
}

extension Sequence<FakeBroker.JournalEntry> {
    /// The entries as text, one a line; with ``FakeBroker/Configuration/journalMessages`` three.
    public var text: String { map(\.description).joined(separator: "\n") }

    /// Those that fit everything that is given.
    ///
    /// - Parameter text: stands in the entry's text, such as an error's name or a topic's.
    public func matching(
        api: String? = nil, clientID: String? = nil, broker: Int? = nil, connection: UInt64? = nil,
        text: String? = nil
    ) -> [FakeBroker.JournalEntry] {
        filter { entry in
            (api == nil || entry.api == api) && (clientID == nil || entry.clientID == clientID)
                && (broker == nil || entry.broker == broker) && (connection == nil || entry.connection == connection)
                && (text.map(entry.description.contains) ?? true)
        }
    }
}

extension Cluster {
    /// As much of a message as the journal keeps.
    private static let journaledCharacters = 4096

    func journaled(_ request: borrowing Request, _ context: RequestContext) -> String? {
        guard settings.journalMessages else { return nil }
        return (copy request).text(version: context.apiVersion, limit: Self.journaledCharacters)
    }

    func journaled(_ response: Response, _ context: RequestContext) -> String? {
        guard settings.journalMessages else { return nil }
        return response.text(version: context.apiVersion, limit: Self.journaledCharacters)
    }
}

/// The latest requests of a cluster, as many as were asked for.
struct Journal: Sendable {
    private let capacity: Int
    private var entries: Deque<FakeBroker.JournalEntry> = []
    private var nextNumber: UInt64 = 0

    enum End: Sendable {
        case answered(ErrorCode)
        case dropped
        case closed
    }

    init(capacity: Int) {
        self.capacity = max(0, capacity)
    }

    var all: [FakeBroker.JournalEntry] { Array(entries) }

    /// Returns the request's number.
    mutating func begin(_ context: RequestContext, at now: ClusterTime, request: String? = nil) -> UInt64 {
        let number = nextNumber
        nextNumber += 1
        guard capacity > 0 else { return number }
        if entries.count == capacity { entries.removeFirst() }
        entries.append(
            FakeBroker.JournalEntry(
                number: number, time: now.elapsed, api: context.apiKey.name, apiVersion: Int(context.apiVersion),
                broker: Int(context.broker), connection: context.connection.rawValue, clientID: context.clientID,
                correlationID: Int(context.correlationID)))
        entries[entries.count - 1].request = request
        return number
    }

    /// Numbers are without gaps, so an entry stands as far from the end as its number does; nil if it is forgotten.
    private func position(of number: UInt64) -> Int? {
        guard number < nextNumber, nextNumber - number <= UInt64(entries.count) else { return nil }
        return entries.count - Int(nextNumber - number)
    }

    mutating func met(_ number: UInt64, by rules: [String]) {
        if let position = position(of: number) { entries[position].faults = rules }
    }

    mutating func end(_ number: UInt64, _ end: End, at now: ClusterTime, reply: String? = nil) {
        guard let position = position(of: number) else { return }
        entries[position].reply = reply
        let time = entries[position].time
        switch end {
        case .answered(let error): entries[position].outcome = .answered(KafkaError(error), after: now.elapsed - time)
        case .dropped: entries[position].outcome = .dropped
        case .closed: entries[position].outcome = .closed
        }
    }
}
