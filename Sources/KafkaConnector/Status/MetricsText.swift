// The metrics in Prometheus's text format. Names: docs/metrics.md.

import Connector
import HTTP
import Kafka
package import KafkaSource

/// Every metric with its kind and meaning: the one list behind /metrics and docs/metrics.md.
enum Metric: String, CaseIterable {
    case consumed = "connector_events_received_total"
    case consumedAlias = "kafka_connector_messages_consumed"
    case committedAlias = "kafka_connector_messages_offset"
    case connectsAlias = "kafka_connector_consumer_group_connect"
    case invocations = "connector_invocations_total"
    case durations = "connector_invocation_duration_seconds"
    case inFlight = "connector_invocations_in_flight"
    case waits = "connector_event_wait_seconds"
    case inHand = "connector_events_in_hand"
    case maxInFlight = "connector_max_in_flight"
    case dropped = "connector_dropped_total"
    case retries = "connector_retries_total"
    case deadLettered = "connector_dead_lettered_total"
    case deadLetterFailures = "connector_dead_letter_failures_total"
    case mapSyncs = "connector_topic_map_syncs_total"
    case mapErrors = "connector_topic_map_errors_total"
    case mapAge = "connector_topic_map_age_seconds"
    case boundTopics = "connector_bound_topics"
    case boundFunctions = "connector_bound_functions"
    case rebalances = "connector_rebalances_total"
    case assigned = "connector_assigned_partitions"
    case connected = "connector_source_connected"
    case lag = "connector_consumer_lag"
    case lagSeconds = "connector_consumer_lag_seconds"
    case cpuSeconds = "process_cpu_seconds_total"
    case residentBytes = "process_resident_memory_bytes"

    var kind: String {
        switch self {
        case .durations, .waits: "histogram"
        case .inFlight, .inHand, .maxInFlight, .mapAge, .boundTopics, .boundFunctions, .assigned, .connected, .lag,
            .lagSeconds,
            .committedAlias, .residentBytes:
            "gauge"
        default: "counter"
        }
    }

    var labels: String {
        switch self {
        case .consumed, .lag, .lagSeconds: "topic, partition"
        case .consumedAlias, .committedAlias: "group, topic, partition, member_id"
        case .connectsAlias: "group"
        case .invocations: "function, namespace, topic, code"
        case .durations: "function, namespace, topic, le"
        case .waits: "le"
        case .boundFunctions: "topic"
        case .dropped, .deadLettered: "reason"
        default: ""
        }
    }

    var help: String {
        switch self {
        case .consumed: "Events taken from the source and acknowledged for this connector."
        case .consumedAlias: "The same under the name of the commercial connector."
        case .committedAlias:
            "The offset committed last (before that, where reading began), under the name of the commercial connector. "
                + "Offsets add up to nothing: with `metrics_detail=low` there is none."
        case .connectsAlias: "Connections made to the cluster, under the name of the commercial connector."
        case .invocations: "Calls of functions that ended, by status, or by kind of failure without one."
        case .durations: "How long calls took, in seconds; of more than 1024 at once, the wait for a connection too."
        case .inFlight: "Calls under way, or waiting for a connection."
        case .waits: "How long events in hand waited for their turn (the lane of `ordering`), in seconds."
        case .inHand: "Events taken and not yet handled."
        case .maxInFlight: "The bound on them (`max_in_flight`)."
        case .dropped: "Events or calls given up, by reason."
        case .retries: "Calls that were or will be repeated."
        case .deadLettered: "Events sent to the dead-letter topic for one function, by why it did not take them."
        case .deadLetterFailures: "Attempts to send such an event that failed."
        case .mapSyncs: "Listings of the functions that succeeded."
        case .mapErrors: "Listings that failed; the last map stays in force."
        case .mapAge: "Seconds since the last listing that succeeded."
        case .boundTopics: "Topics that functions name, patterns among them."
        case .boundFunctions: "Functions that name a topic or pattern."
        case .rebalances: "Changes of the partitions held."
        case .assigned: "Partitions held."
        case .connected: "1 while a broker is reached, else 0; a change is seen within five seconds."
        case .lagSeconds: "How old the last record taken is, of a partition with a lag; else 0."
        case .cpuSeconds: "User and system time of the process; on Linux."
        case .residentBytes: "Memory of the process; on Linux."
        case .lag:
            """
            Offsets not yet committed of a partition held, up to the end of what may be read, where a transaction \
            that is open is in the way, which is looked at every \
            `kafka.statistics.interval.ms`. Before the end it counts the marks of transactions, too.
            """
        }
    }
}

extension Metrics {
    /// - Parameters:
    ///   - group: Of the consumers; `nil` leaves out the commercial connector's names, which are for Kafka.
    ///   - member: The id that the group gave this member.
    ///   - progress: Of the partitions held.
    ///   - now: For the age of the topic map.
    ///   - nowMilliseconds: Since 1970, for the age of records.
    package func text(
        group: String?, member: String? = nil, detail: Detail = .full, progress: [PartitionProgress],
        now: ContinuousClock.Instant, nowMilliseconds: Int64
    ) -> String {
        let content = snapshot
        let membership = group.map { Membership(group: $0, member: detail == .full ? member : nil) }
        var page = Page()
        page.addReceived(content.received, membership, detail)
        page.addCalls(content, detail)
        if let group { page.add(.connectsAlias, [("group", group)], content.connects) }
        for (reason, count) in content.dropped.sorted(by: { $0.key < $1.key }) {
            page.add(.dropped, [("reason", reason)], count)
        }
        page.add(.inFlight, [], content.started - content.ended)
        page.add(.inHand, [], content.inHand)
        page.add(.waits, [], content.waits)
        page.add(.maxInFlight, [], maxInFlight)
        page.add(.retries, [], content.retries)
        // From the start, so that none is told from no connector. What a stop gives up goes to nobody.
        for reason in GiveUpReason.allCases where reason != .shutdown {
            page.add(.deadLettered, [("reason", reason.rawValue)], content.deadLettered[reason, default: 0])
        }
        page.add(.deadLetterFailures, [], content.deadLetterFailures)
        page.add(.mapSyncs, [], content.mapSyncs)
        page.add(.mapErrors, [], content.mapErrors)
        if let synced = content.mapSyncedAt { page.add(.mapAge, [], synced.duration(to: now) / .seconds(1)) }
        let topics = content.map.functionCounts
        page.add(.boundTopics, [], topics.count)
        for (topic, functions) in topics { page.add(.boundFunctions, [("topic", topic)], functions) }
        page.add(.rebalances, [], content.rebalances)
        page.add(.assigned, [], content.assigned)
        page.add(.connected, [], content.isConnected ? 1 : 0)
        if let process = ProcessFigures.current {
            page.add(.cpuSeconds, [], process.cpuSeconds)
            page.add(.residentBytes, [], process.residentBytes)
        }
        var ages: [Place: Int64] = [:]
        for (place, received) in content.received.entries {
            ages[place] = received.timestamp.map { nowMilliseconds - $0 }
        }
        page.addPartitions(progress, ages: ages, membership, detail)
        return page.text
    }
}

extension Page {
    mutating func addReceived(
        _ received: Tally<Metrics.Place, Metrics.Received>, _ membership: Membership?, _ detail: Metrics.Detail
    ) {
        var events: [Metrics.Place: Int] = [:]
        for (place, received) in received.entries { events[place.seen(in: detail), default: 0] += received.events }
        for (place, count) in events.sorted(by: { $0.key < $1.key }) {
            add(.consumed, place.labels, count)
            if let membership { add(.consumedAlias, membership.labels(of: place), count) }
        }
    }

    mutating func addCalls(_ content: Metrics.Content, _ detail: Metrics.Detail) {
        var seen: [Metrics.Call: Metrics.Calls] = [:]
        for (call, calls) in content.calls.entries { seen[call.seen(in: detail), default: Metrics.Calls()].add(calls) }
        let ordered = seen.sorted { $0.key.order < $1.key.order }
        for (call, calls) in ordered {
            let counts = calls.counts.entries.map { (code: $0.key.label, count: $0.value) }
            for (code, count) in counts.sorted(by: { $0.code < $1.code }) {
                add(.invocations, call.labels + [("code", code)], count)
            }
        }
        for (call, calls) in ordered { add(.durations, call.labels, calls.durations) }
    }

    /// - Parameter ages: Of the last record taken, in milliseconds.
    mutating func addPartitions(
        _ partitions: [PartitionProgress], ages: [Metrics.Place: Int64], _ membership: Membership?,
        _ detail: Metrics.Detail
    ) {
        var lags: [Metrics.Place: Int64] = [:]
        var oldest: [Metrics.Place: Int64] = [:]
        for partition in partitions {
            let place = Metrics.Place(topic: partition.partition.topic, partition: partition.partition.partition)
            let seen = place.seen(in: detail)
            if let lag = partition.lag {
                lags[seen, default: 0] += lag
                oldest[seen] = max(oldest[seen] ?? 0, lag > 0 ? ages[place] ?? 0 : 0)
            }
            if detail == .full, let membership {
                add(.committedAlias, membership.labels(of: place), partition.offset)
            }
        }
        for (place, lag) in lags.sorted(by: { $0.key < $1.key }) {
            add(.lag, place.labels, lag)
            add(.lagSeconds, place.labels, Double(oldest[place] ?? 0) / 1000)
        }
    }
}

/// Who consumes, for the commercial connector's names.
private struct Membership {
    let group: String
    /// `nil` where members are not told apart.
    let member: String?

    func labels(of place: Metrics.Place) -> [(String, String)] {
        [("group", group)] + place.labels + (member.map { [("member_id", $0)] } ?? [])
    }
}

extension Metrics.Place: Comparable {
    static func < (left: Metrics.Place, right: Metrics.Place) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }

    /// Of all partitions, if they are not told apart.
    private static let everyPartition: Int32 = -1

    fileprivate func seen(in detail: Metrics.Detail) -> Metrics.Place {
        detail == .full ? self : Metrics.Place(topic: topic, partition: Self.everyPartition)
    }

    fileprivate var labels: [(String, String)] {
        [("topic", topic)] + (partition == Self.everyPartition ? [] : [("partition", "\(partition)")])
    }
}

extension Metrics.Call {
    fileprivate var order: String { "\(function)\u{0}\(topic)" }

    fileprivate func seen(in detail: Metrics.Detail) -> Metrics.Call {
        detail == .full ? self : Metrics.Call(function: function, topic: "")
    }

    fileprivate var labels: [(String, String)] {
        [("function", function.name), ("namespace", function.namespace ?? "")]
            + (topic.isEmpty ? [] : [("topic", topic)])
    }
}

/// The lines of each metric as they come.
private struct Page {
    private var bodies: [Metric: String] = [:]

    mutating func add(_ metric: Metric, _ labels: [(String, String)], _ value: some CustomStringConvertible) {
        line(metric, "", labels, value)
    }

    mutating func add(_ metric: Metric, _ labels: [(String, String)], _ histogram: Metrics.Histogram) {
        var total = 0
        for (index, count) in histogram.counts.enumerated() {
            total += count
            let bounds = Metrics.Histogram.bounds
            let bound = index < bounds.count ? "\(bounds[index])" : "+Inf"
            line(metric, "_bucket", labels + [("le", bound)], total)
        }
        line(metric, "_sum", labels, histogram.sum / .seconds(1))
        line(metric, "_count", labels, total)
    }

    private mutating func line(
        _ metric: Metric, _ suffix: String, _ labels: [(String, String)], _ value: some CustomStringConvertible
    ) {
        let inner = labels.map { "\($0.0)=\"\($0.1.prometheusLabel)\"" }.joined(separator: ",")
        bodies[metric, default: ""] += "\(metric.rawValue)\(suffix)\(inner.isEmpty ? "" : "{\(inner)}") \(value)\n"
    }

    /// In the order of the list.
    var text: String {
        Metric.allCases.map { metric in
            guard let body = bodies[metric] else { return "" }
            return "# HELP \(metric.rawValue) \(metric.help)\n# TYPE \(metric.rawValue) \(metric.kind)\n\(body)"
        }.joined()
    }
}

extension Metrics {
    private static func list(_ reasons: [some RawRepresentable<String>]) -> String { list(reasons.map(\.rawValue)) }

    private static func list(_ reasons: [String]) -> String {
        var seen: [String] = []
        for reason in reasons where !seen.contains(reason) { seen.append(reason) }
        return seen.map { "`\($0)`" }.joined(separator: ", ")
    }

    /// docs/metrics.md, so that it says what the code does; a test compares them.
    package static var markdown: String {
        let rows = Metric.allCases.map { "| `\($0.rawValue)` | \($0.kind) | \($0.labels) | \($0.help) |" }
        return """
            # Metrics of kafka-connector

            `GET /metrics` on the address of `status_listen` answers in Prometheus's text format. `/healthz` answers \
            200 as long as the process turns, whatever brokers and gateway do. `/readyz` answers 200 once the \
            functions have been listed and the consumer group joined, until then, while no broker is reached, and once \
            no new events are taken, 503 and what is missing. \
            `/explain?function=NAME&topic=TOPIC` says why a function is bound to a topic or not.

            | Name | Kind | Labels | Meaning |
            |---|---|---|---|
            \(rows.joined(separator: "\n"))

            A counter with labels appears with its first event, but for that of dead letters. `metrics_detail=low` \
            leaves out the labels `partition` and \
            `member_id`, and `topic` where there is `function`: what is told apart by them is added up (of ages, the \
            greatest counts). Names that begin with `kafka_connector_` are the commercial connector's. Their \
            `member_id` is the one that the group knows this process by now: after a new join the same counts go on \
            under the new id. What was counted of functions and topics that are gone may be forgotten, once there is \
            much of it; `rate()` takes that as it takes a restart.

            ## Reasons
            An event is `skipped` for \(list(SkipReason.allCases)), and dropped or given up for \
            \(list(DropReason.allCases.map(\.rawValue) + GiveUpReason.allCases.map(\.rawValue))). Where a call had no \
            status, `code` is \(list(InvocationFailure.Kind.allCases)).

            """
    }
}
