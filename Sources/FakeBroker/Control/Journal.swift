internal import DequeModule
internal import KafkaProtocol

extension FakeBroker {
    /// One request, and what became of it.
    public struct JournalEntry: Sendable, Equatable, CustomStringConvertible {
        public enum Outcome: Sendable, Equatable {
            /// Not answered yet: a long poll, a member in a rebalance, or a delay.
            case waiting
            /// Answered, with the first error in the reply, so long after the request.
            case answered(KafkaError, after: Duration)
            /// Taken, and left without an answer by an interceptor.
            case dropped
            /// The connection was closed instead of an answer.
            case closed
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

        public var description: String {
            "#\(number) \(time) broker \(broker) connection \(connection) \(clientID ?? "-") "
                + "\(api) v\(apiVersion) [\(correlationID)]: \(outcome)"
        }
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
    mutating func begin(_ context: RequestContext, at now: ClusterTime) -> UInt64 {
        let number = nextNumber
        nextNumber += 1
        guard capacity > 0 else { return number }
        if entries.count == capacity { entries.removeFirst() }
        entries.append(
            FakeBroker.JournalEntry(
                number: number, time: now.elapsed, api: context.apiKey.name, apiVersion: Int(context.apiVersion),
                broker: Int(context.broker), connection: context.connection.rawValue, clientID: context.clientID,
                correlationID: Int(context.correlationID)))
        return number
    }

    mutating func end(_ number: UInt64, _ end: End, at now: ClusterTime) {
        // Numbers are without gaps, so an entry stands as far from the end as its number does; or it is forgotten.
        guard number < nextNumber, nextNumber - number <= UInt64(entries.count) else { return }
        let position = entries.count - Int(nextNumber - number)
        let time = entries[position].time
        switch end {
        case .answered(let error): entries[position].outcome = .answered(KafkaError(error), after: now.elapsed - time)
        case .dropped: entries[position].outcome = .dropped
        case .closed: entries[position].outcome = .closed
        }
    }
}
