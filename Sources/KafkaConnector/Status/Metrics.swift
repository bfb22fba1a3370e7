// Counts what the connector does, for /metrics and /readyz. Safe to read from anywhere while it runs.

package import Connector
import Synchronization

package final class Metrics: ConnectorObserver {
    struct Place: Hashable {
        var topic: String
        var partition: Int32
    }

    struct Call: Hashable {
        var function: FunctionName
        var topic: String
    }

    /// How a call ended.
    enum Code: Hashable {
        case status(Int)
        /// There was no reply.
        case failure(InvocationFailure.Kind)

        var label: String {
            switch self {
            case .status(let status): String(status)
            case .failure(let kind): kind.rawValue
            }
        }
    }

    struct Calls {
        private(set) var counts = Tally<Code, Int>()
        private(set) var durations = Histogram()

        mutating func add(_ code: Code, after duration: Duration) {
            counts.change(code, from: 0) { $0 += 1 }
            durations.add(duration)
        }

        mutating func add(_ other: Calls) {
            for (code, count) in other.counts.entries { counts.change(code, from: 0) { $0 += count } }
            durations.add(other.durations)
        }
    }

    struct Received {
        var events = 0
        /// Of the last event; milliseconds since 1970.
        var timestamp: Int64?
    }

    /// How finely metrics are told apart (`metrics_detail`).
    package enum Detail: String, CaseIterable, Sendable {
        case full
        /// Without `partition`, and without `topic` where there is `function`.
        case low
    }

    struct Content {
        var received = Tally<Place, Received>()
        var calls = Tally<Call, Calls>()
        var dropped: [String: Int] = [:]
        var waits = Histogram()
        var started = 0
        var ended = 0
        var inHand = 0
        var retries = 0
        /// By reason.
        var deadLettered: [GiveUpReason: Int] = [:]
        var deadLetterFailures = 0
        var mapSyncs = 0
        var mapErrors = 0
        var mapSyncedAt: ContinuousClock.Instant?
        var map = TopicMap.empty
        var rebalances = 0
        var connects = 0
        var assigned = 0
        var hasJoined = false
        var isConnected = false
        var isDraining = false

        /// What was counted, for a connector that begins anew: of how it stands, nothing is known.
        fileprivate var counted: Content {
            var counted = self
            counted.inHand = 0
            counted.started = counted.ended
            counted.map = .empty
            counted.mapSyncedAt = nil
            counted.assigned = 0
            (counted.hasJoined, counted.isConnected, counted.isDraining) = (false, false, false)
            return counted
        }
    }

    /// What `/readyz` says of a source that gives nothing yet.
    package struct Words: Sendable {
        let notJoined: String
        let notConnected: String

        package init(
            notJoined: String = "the consumer group has not been joined yet",
            notConnected: String = "no broker is reached"
        ) {
            self.notJoined = notJoined
            self.notConnected = notConnected
        }
    }

    private let content: Mutex<Content>
    private let words: Words
    private let followsAnnotations: Bool
    let maxInFlight: Int

    /// - Parameters:
    ///   - maxInFlight: As configured; only to be shown.
    ///   - followsAnnotations: `topics=*`: while no function names a topic there is nothing to join.
    ///   - earlier: Of the connector that this process ran before, whose counts go on: what it lost at its end would
    ///     else be on no scrape.
    package init(
        _ words: Words = Words(), maxInFlight: Int, followsAnnotations: Bool = false, after earlier: Metrics? = nil
    ) {
        content = Mutex(earlier?.snapshot.counted ?? Content())
        self.words = words
        self.followsAnnotations = followsAnnotations
        self.maxInFlight = maxInFlight
    }

    var snapshot: Content { content.withLock { $0 } }

    /// What is missing for events to flow; `nil` once the group was joined and the first map is built, as long as a
    /// broker is reached and the connector does not drain. A replica without partitions is ready too, and with
    /// `topics=*` one without topics.
    package var missing: String? {
        content.withLock { content in
            if content.isDraining { return "no new events are taken, for the connector is to end or to begin anew" }
            if content.mapSyncedAt == nil { return "the functions have not been listed yet" }
            if followsAnnotations && !content.hasJoined && content.map.isEmpty { return nil }
            if !content.hasJoined { return words.notJoined }
            return content.isConnected ? nil : words.notConnected
        }
    }

    package func connector(did step: ConnectorStep) {
        content.withLock { $0.take(step) }
    }
}

extension Metrics.Content {
    fileprivate mutating func take(_ step: ConnectorStep) {
        switch step {
        case .mapSynced(let map, let changed):
            mapSyncs += 1
            mapSyncedAt = .now
            self.map = map
            if changed { forgetWhatIsGone() }
        case .mapFailed: mapErrors += 1
        case .notice(let notice): take(notice)
        case .received(let event):
            let place = Metrics.Place(topic: event.id.topic, partition: event.id.partition)
            received.change(place, from: Metrics.Received()) { $0.add(event) }
            inHand += 1
        case .refused(let events, let reason): dropped["refused_\(reason)", default: 0] += events
        case .starting(_, let waited): waits.add(waited)
        case .invoking: started += 1
        case .replied(let function, let event, let reply, let duration):
            end(function, event, .status(reply.status), after: duration)
        case .failed(let function, let event, let failure, let duration):
            end(function, event, .failure(failure.kind), after: duration)
        case .retrying: retries += 1
        case .gaveUp(_, _, let reason): dropped[reason.rawValue, default: 0] += 1
        case .deadLettered(_, let reason): deadLettered[reason, default: 0] += 1
        case .deadLetterFailed: deadLetterFailures += 1
        case .skipped(_, let reason):
            dropped[reason.rawValue, default: 0] += 1
            inHand -= 1
        case .dropped(_, let reason):
            dropped[reason.rawValue, default: 0] += 1
            inHand -= 1
        case .handled, .returned: inHand -= 1
        case .draining: isDraining = true
        case .paused, .resumed, .stopped: break
        }
    }

    /// Functions and topics come and go: what was counted of those that are gone is kept for a while, but not for ever.
    private mutating func forgetWhatIsGone() {
        if calls.count > 2 * map.functionCount + 1_000 {
            calls.removeAll { !map.contains($0.function, for: $0.topic) }
        }
        if received.count > 10_000 {
            received.removeAll { map.subscriptions(for: $0.topic).isEmpty }
        }
    }

    private mutating func take(_ notice: SourceNotice) {
        switch notice {
        case .connected:
            isConnected = true
            connects += 1
        case .disconnected: isConnected = false
        case .rebalanced(let partitions, _):
            hasJoined = true
            rebalances += 1
            assigned = partitions.count
        case .transientFailure, .settlementIgnored: break
        }
    }

    private mutating func end(_ function: FunctionName, _ event: Event, _ code: Metrics.Code, after time: Duration) {
        ended += 1
        calls.change(Metrics.Call(function: function, topic: event.id.topic), from: Metrics.Calls()) {
            $0.add(code, after: time)
        }
    }
}

extension Metrics.Received {
    fileprivate mutating func add(_ event: Event) {
        events += 1
        // Producers write what they like: before 1970 there is no age to tell, and none that could be reckoned with.
        guard let time = event.timestampMilliseconds, time >= 0 else { return }
        timestamp = time
    }
}

extension Metrics {
    /// Prometheus's kind: each bucket counts what was at most its bound.
    struct Histogram {
        /// In seconds; those of Prometheus's clients, and two for slow functions.
        static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

        /// By the first bound that holds the value; the last is for those beyond all.
        private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
        private(set) var sum = Duration.zero

        /// The bounds as durations, which are compared without a conversion.
        private static let limits = bounds.map { Duration.seconds($0) }

        mutating func add(_ duration: Duration) {
            counts[Self.limits.firstIndex { duration <= $0 } ?? Self.limits.count] += 1
            sum += duration
        }

        mutating func add(_ other: Histogram) {
            for index in counts.indices { counts[index] += other.counts[index] }
            sum += other.sum
        }
    }
}
