import Connector
import Kafka
import KafkaConnector
import KafkaSource
import Testing

@Suite struct MetricsTests {
    private func text(_ detail: Metrics.Detail, _ steps: [ConnectorStep], _ progress: [PartitionProgress] = [])
        -> String
    {
        let metrics = Metrics(maxInFlight: 64)
        for step in steps { metrics.connector(did: step) }
        return metrics.text(
            group: "g", member: "m", detail: detail, progress: progress, now: .now, nowMilliseconds: 10_000)
    }

    private func event(_ partition: Int32, topic: String = "t", timestamp: Int64 = 4_000) -> Event {
        Event(
            id: EventID(topic: topic, partition: partition, offset: 7), payload: nil, timestampMilliseconds: timestamp)
    }

    private var steps: [ConnectorStep] {
        let function = FunctionName("f", namespace: "n")
        return [
            .notice(.connected(to: "b")), .received(event(0)), .received(event(1)), .received(event(0, topic: "u")),
            .replied(function, event(0), Reply(status: 200), after: .milliseconds(20)),
            .replied(function, event(0, topic: "u"), Reply(status: 200), after: .milliseconds(20)),
        ]
    }

    private var progress: [PartitionProgress] {
        [0, 1].map { PartitionProgress(partition: TopicPartition("t", $0), offset: 8, end: 11) }
    }

    @Test func `a label's value keeps its line, whatever a function names`() {
        let map = TopicMap([
            FunctionDescription(name: FunctionName("f"), annotations: ["topic": "a\r\nb\"\u{301}c\\\u{301}d"])
        ])
        let text = text(.full, [.mapSynced(map, changed: true)])
        let wanted = #"connector_bound_functions{topic="a"# + "\r" + #"\nb\""# + "\u{301}c" + #"\\"# + "\u{301}d\"} 1\n"
        #expect(text.utf8.firstRange(of: wanted.utf8) != nil)
    }

    @Test func `in full, partitions and topics are told apart`() throws {
        let text = text(.full, steps, progress)
        for line in [
            #"connector_events_received_total{topic="t",partition="1"} 1"#,
            #"kafka_connector_messages_consumed{group="g",topic="t",partition="0",member_id="m"} 1"#,
            #"kafka_connector_messages_offset{group="g",topic="t",partition="0",member_id="m"} 8"#,
            #"kafka_connector_consumer_group_connect{group="g"} 1"#,
            #"connector_invocations_total{function="f",namespace="n",topic="u",code="200"} 1"#,
            #"connector_consumer_lag{topic="t",partition="1"} 3"#,
            #"connector_consumer_lag_seconds{topic="t",partition="1"} 6.0"#,
            "connector_max_in_flight 64",
        ] {
            #expect(text.contains("\(line)\n"), "\(line)\n\(text)")
        }
    }

    @Test(arguments: [Int64.min, -1, .max])
    func `a timestamp that no clock shows gives no age`(timestamp: Int64) throws {
        let text = text(.full, [.received(event(1, timestamp: timestamp))], progress)
        #expect(text.contains("connector_consumer_lag_seconds{topic=\"t\",partition=\"1\"} 0.0\n"), "\(text)")
    }

    @Test func `in low detail they are added up`() throws {
        let text = text(.low, steps, progress)
        for line in [
            #"connector_events_received_total{topic="t"} 2"#,
            #"connector_invocations_total{function="f",namespace="n",code="200"} 2"#,
            #"connector_invocation_duration_seconds_count{function="f",namespace="n"} 2"#,
            #"connector_consumer_lag{topic="t"} 6"#, #"connector_consumer_lag_seconds{topic="t"} 6.0"#,
        ] {
            #expect(text.contains("\(line)\n"), "\(line)\n\(text)")
        }
        #expect(!text.contains("partition="))
        #expect(!text.contains("member_id="))
    }

    @Test func `ready is who has joined the group and listed the functions, as long as a broker is reached`() {
        let metrics = Metrics(maxInFlight: 64)
        func missing(after steps: ConnectorStep...) -> String? {
            for step in steps { metrics.connector(did: step) }
            return metrics.missing
        }
        #expect(missing() == "the functions have not been listed yet")
        #expect(missing(after: .mapSynced(.empty, changed: false)) == "the consumer group has not been joined yet")
        let joined = [SourceNotice.connected(to: "b"), .rebalanced(assigned: [], epoch: Epoch(1))]
        #expect(missing(after: .notice(joined[0]), .notice(joined[1])) == nil)
        #expect(missing(after: .notice(.disconnected(reason: "away"))) == "no broker is reached")
        #expect(missing(after: .notice(.connected(to: "b"))) == nil)
    }

    @Test func `processor time and memory are those of the process, whatever its name`() throws {
        let rest = Array(repeating: "0", count: 10).joined(separator: " ")
        let stat = "7 (a) b (c) S \(rest) 150 50 0 0 20 0 9 0 100 4096 3 0 0\n"
        let figures = try #require(ProcessFigures(stat: stat, ticksPerSecond: 100, pageBytes: 4096))
        #expect(figures.cpuSeconds == 2)
        #expect(figures.residentBytes == 3 * 4096)
        #expect(ProcessFigures(stat: "7 (a) S 1 2", ticksPerSecond: 100, pageBytes: 4096) == nil)
        #if os(Linux)
            let shown = text(.full, [])
            #expect(shown.contains("\nprocess_cpu_seconds_total "))
            #expect(shown.contains("\nprocess_resident_memory_bytes "))
        #endif
    }

    @Test func `the map, waits and dead letters are told by topic and reason`() {
        let functions = ["f", "g"].map {
            FunctionDescription(name: FunctionName($0), annotations: ["topic": $0 == "f" ? "t,u" : "t"])
        }
        let letter = DeadLetter(event: event(0), function: FunctionName("f"), status: 500, attempts: 1, error: "x")
        let text = text(
            .full,
            [
                .mapSynced(TopicMap(functions), changed: true), .starting(event(0), waited: .milliseconds(30)),
                .deadLettered(letter, .attemptsExhausted),
            ])
        for line in [
            "connector_bound_topics 2", #"connector_bound_functions{topic="t"} 2"#,
            #"connector_bound_functions{topic="u"} 1"#, #"connector_event_wait_seconds_bucket{le="0.05"} 1"#,
            #"connector_event_wait_seconds_bucket{le="0.025"} 0"#,
            #"connector_dead_lettered_total{reason="attempts_exhausted"} 1"#,
            #"connector_dead_lettered_total{reason="refused"} 0"#,
        ] {
            #expect(text.contains("\(line)\n"), "\(line)\n\(text)")
        }
    }

    @Test func `functions that are gone are forgotten once they are many`() {
        let gone = (0..<2_000).map { number in
            ConnectorStep.replied(FunctionName("f\(number)"), event(0), Reply(status: 200), after: .zero)
        }
        let map = TopicMap([FunctionDescription(name: FunctionName("f7"), annotations: ["topic": "t"])])
        let text = text(.full, gone + [.mapSynced(map, changed: true)])
        #expect(text.contains("connector_invocations_total{function=\"f7\""))
        #expect(!text.contains("connector_invocations_total{function=\"f8\""))
    }

    @Test func `topics that are gone are forgotten once they are many`() {
        let seen = (0...10_000).flatMap { number in
            let event = Event(id: EventID(topic: "t\(number)", partition: 0, offset: 0), payload: nil)
            return [.received(event), .replied(FunctionName("f"), event, Reply(status: 200), after: .zero)]
                as [ConnectorStep]
        }
        let map = TopicMap([FunctionDescription(name: FunctionName("f"), annotations: ["topic": "t7"])])
        let text = text(.full, seen + [.mapSynced(map, changed: true)])
        #expect(text.contains("connector_events_received_total{topic=\"t7\""))
        #expect(!text.contains("connector_events_received_total{topic=\"t8\""))
        #expect(text.contains("connector_invocations_total{function=\"f\",namespace=\"\",topic=\"t7\""))
        #expect(!text.contains("topic=\"t8\""))
    }

    @Test func `with all annotated topics and no function that names one there is nothing to join`() {
        let metrics = Metrics(maxInFlight: 64, followsAnnotations: true)
        #expect(metrics.missing != nil)
        metrics.connector(did: .mapSynced(.empty, changed: false))
        #expect(metrics.missing == nil)
        let map = TopicMap([FunctionDescription(name: FunctionName("f"), annotations: ["topic": "t"])])
        metrics.connector(did: .mapSynced(map, changed: true))
        #expect(metrics.missing == "the consumer group has not been joined yet")
    }

    @Test func `who takes no events any more is not ready`() {
        let metrics = Metrics(maxInFlight: 64)
        metrics.connector(did: .mapSynced(.empty, changed: false))
        metrics.connector(did: .notice(.connected(to: "k")))
        metrics.connector(did: .notice(.rebalanced(assigned: [], epoch: Epoch(1))))
        #expect(metrics.missing == nil)
        metrics.connector(did: .draining)
        #expect(metrics.missing?.hasPrefix("no new events are taken") == true)
    }

    @Test func `who begins anew counts on, and is not ready before it has joined again`() {
        let earlier = Metrics(maxInFlight: 64)
        for step in steps + [
            .mapSynced(.empty, changed: true), .notice(.rebalanced(assigned: [], epoch: Epoch(1))),
            .invoking(FunctionName("f"), event(0)), .draining, .gaveUp(FunctionName("f"), event(0), .shutdown),
        ] {
            earlier.connector(did: step)
        }
        let next = Metrics(maxInFlight: 64, after: earlier)
        let text = next.text(
            group: "g", member: "m", detail: .low, progress: [], now: .now, nowMilliseconds: 10_000)
        for line in [
            #"connector_dropped_total{reason="shutdown"} 1"#, #"connector_events_received_total{topic="t"} 2"#,
            "connector_events_in_hand 0", "connector_invocations_in_flight 0", "connector_rebalances_total 1",
            "connector_source_connected 0",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line) is missing in \(text)")
        }
        #expect(next.missing == "the functions have not been listed yet")
        next.connector(did: .mapSynced(.empty, changed: true))
        #expect(next.missing == "the consumer group has not been joined yet")
    }

    @Test func `labels cannot break out of their quotes`() {
        let event = Event(id: EventID(topic: "a\"b\\c\nd", partition: 0, offset: 0), payload: nil)
        #expect(text(.full, [.received(event)]).contains(#"topic="a\"b\\c\nd",partition="0"} 1"#))
    }
}
