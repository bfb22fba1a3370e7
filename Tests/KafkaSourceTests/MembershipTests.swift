import Connector
import Kafka
import KafkaSource
import Testing

@Suite struct MembershipTests {
    private let a = TopicPartition("t", 0)
    private let b = TopicPartition("t", 1)
    private let sourceA = SourcePartition(topic: "t", partition: 0)
    private let sourceB = SourcePartition(topic: "t", partition: 1)

    private func error(_ code: ErrorCode, isFatal: Bool = false) -> ConsumerEvent {
        .error(KafkaError(code, while: "consuming", reason: "because", isFatal: isFatal), nil)
    }

    @Test func `assignments tell what is held, sorted, and the first one that the source is connected`() {
        var membership = Membership()
        #expect(
            membership.take(.assigned([b, a], epoch: 1), bootstrap: "k:1").notices
                == [.connected(to: "k:1"), .rebalanced(assigned: [sourceA, sourceB], epoch: Epoch(1))])
        #expect(
            membership.take(.revoked([a], isLost: false, epoch: 2), bootstrap: "k:1").notices
                == [.rebalanced(assigned: [sourceB], epoch: Epoch(2))])
        #expect(membership.window.isHeld(b, 1))
        #expect(!membership.window.isHeld(a, 1))
    }

    @Test func `lag is that of partitions held, from what is committed or where reading began`() throws {
        var membership = Membership()
        func take(_ event: ConsumerEvent) { _ = membership.take(event, bootstrap: "k:1") }
        func progress() -> [String] { membership.progress.map { "\($0.partition) \($0.offset) \($0.lag ?? -1)" } }
        take(.assigned([a, b], epoch: 1))
        #expect(progress() == [])
        take(.progress([.init(a, 4), .init(b, 0)]))
        #expect(progress() == ["\(a) 4 -1", "\(b) 0 -1"])
        take(try counted(ready: 0))
        #expect(progress() == ["\(a) 4 6", "\(b) 0 10"])
        take(.progress([.init(a, 10)]))
        #expect(progress() == ["\(a) 10 0", "\(b) 0 10"])
        take(.revoked([a], isLost: false, epoch: 2))
        // The answer to a commit that was under way.
        take(.progress([.init(a, 11)]))
        #expect(progress() == ["\(b) 0 10"])
    }

    @Test func `the end of a partition that is not fetched from is the one asked for, until it is fetched from again`()
        throws
    {
        var membership = Membership()
        func take(_ event: ConsumerEvent) { _ = membership.take(event, bootstrap: "k:1") }
        func lags() -> [Int64?] { membership.progress.map(\.lag) }
        take(.assigned([a, b], epoch: 1))
        take(.progress([.init(a, 4), .init(b, 0)]))
        take(.ends([.init(a, 30)]))
        #expect(lags() == [26, nil])
        take(try counted(ready: 6))
        #expect(lags() == [26, 10])
        // An answer that is older than what was fetched since.
        take(.ends([.init(b, 9)]))
        #expect(lags() == [26, 10])
        take(try counted(ready: 0))
        #expect(lags() == [6, 10])
        take(.revoked([a], isLost: false, epoch: 2))
        take(.ends([.init(a, 40)]))
        take(.assigned([a], epoch: 3))
        take(.progress([.init(a, 4)]))
        #expect(lags() == [6, 10])
    }

    @Test func `what follows the last record that can be read is no lag once it was fetched`() throws {
        var membership = Membership()
        func lag(ready: Int = 0, next: Int = 10) throws -> Int64? {
            _ = membership.take(try counted(ready: ready, next: next), bootstrap: "k:1")
            return membership.progress.first?.lag
        }
        _ = membership.take(.assigned([a], epoch: 1), bootstrap: "k:1")
        _ = membership.take(.progress([.init(a, 8)]), bootstrap: "k:1")
        #expect(try lag() == 0)
        #expect(try lag(ready: 1) == 2)
        #expect(try lag(next: 9) == 2)
        membership.window.handOut(a, epoch: 1, offset: 8)
        #expect(try lag() == 2)
        _ = membership.window.settle(a, epoch: 1, offset: 8)
        _ = membership.take(.progress([.init(a, 9)]), bootstrap: "k:1")
        #expect(try lag() == 0)
    }

    @Test func `what is settled and not committed is lag`() throws {
        var membership = Membership()
        func lag() throws -> Int64? {
            _ = membership.take(try counted(ready: 0, next: 11), bootstrap: "k:1")
            return membership.progress.first?.lag
        }
        _ = membership.take(.assigned([a], epoch: 1), bootstrap: "k:1")
        _ = membership.take(.progress([.init(a, 4)]), bootstrap: "k:1")
        let event = Event(id: EventID(topic: "t", partition: 0, offset: 8), epoch: Epoch(1), payload: nil)
        membership.handOut([event])
        #expect(try lag() == 6)
        #expect(membership.settle([Settlement(event, .accept)]).offsets == [.init(a, 9)])
        #expect(try lag() == 6)
        _ = membership.take(.progress([.init(a, 9)]), bootstrap: "k:1")
        #expect(try lag() == 0)
    }

    @Test func `of a log that was made anew all is lag`() throws {
        var membership = Membership()
        _ = membership.take(.assigned([a], epoch: 1), bootstrap: "k:1")
        _ = membership.take(.progress([.init(a, 500)]), bootstrap: "k:1")
        let notices = membership.take(.restarted(a, at: 2, epoch: 2), bootstrap: "k:1").notices
        #expect(notices.map { "\($0)".contains("\(a) goes on at offset 2") } == [true])
        _ = membership.take(try counted(ready: 3), bootstrap: "k:1")
        #expect(membership.progress.map(\.lag) == [8])
        #expect(membership.window.isHeld(a, 2))
    }

    /// Statistics of both partitions.
    private func counted(ready: Int, next: Int = 8) throws -> ConsumerEvent {
        let partitions = [0, 1].map { number in
            """
            "\(number)": {"partition": \(number), "fetchq_cnt": \(ready), "next_offset": \(next), "app_offset": 8,
            "committed_offset": 8, "lo_offset": 0, "hi_offset": 11, "ls_offset": 10, "consumer_lag": 3}
            """
        }
        return .statistics(
            try Statistics(
                json: """
                    {"name": "c", "msg_cnt": 0, "tx_bytes": 0, "rx_bytes": 0, "brokers": {},
                    "topics": {"t": {"topic": "t", "partitions": {\(partitions.joined(separator: ","))}}}}
                    """))
    }

    @Test func `losing all brokers is told once, and so is having them back`() {
        var membership = Membership()
        _ = membership.take(.assigned([a], epoch: 1), bootstrap: "k:1")
        #expect(
            membership.take(error(.allBrokersDown), bootstrap: "k:1").notices == [.disconnected(reason: "because")])
        #expect(membership.take(error(.allBrokersDown), bootstrap: "k:1").notices == [])
        #expect(membership.take(.assigned([a], epoch: 2), bootstrap: "k:1").notices.first == .connected(to: "k:1"))
        #expect(membership.take(error(.allBrokersDown), bootstrap: "k:1").notices.count == 1)
    }

    @Test func `that no broker is reached at all is told once`() {
        var membership = Membership()
        let first = membership.take(error(.allBrokersDown), bootstrap: "k:1").notices
        #expect(first == [.transientFailure("consuming: because (_ALL_BROKERS_DOWN, retriable)")])
        #expect(membership.take(error(.allBrokersDown), bootstrap: "k:1").notices == [])
    }

    @Test func `statistics tell that no broker is reached, and that one is again, each once`() throws {
        func statistics(_ state: String) throws -> ConsumerEvent {
            .statistics(
                try Statistics(
                    json: """
                        {"name": "c", "msg_cnt": 0, "tx_bytes": 0, "rx_bytes": 0, "topics": {}, "brokers": {"k:1/1":
                        {"name": "k:1/1", "nodeid": 1, "state": "\(state)"}}}
                        """))
        }
        var membership = Membership()
        #expect(membership.take(try statistics("CONNECT"), bootstrap: "k:1").notices == [])
        #expect(membership.take(try statistics("UP"), bootstrap: "k:1").notices == [.connected(to: "k:1")])
        #expect(membership.take(try statistics("REAUTH"), bootstrap: "k:1").notices == [])
        let away = membership.take(try statistics("DOWN"), bootstrap: "k:1").notices
        #expect(away == [.disconnected(reason: "no broker is reached")])
        #expect(membership.take(try statistics("TRY_CONNECT"), bootstrap: "k:1").notices == [])
        #expect(membership.take(try statistics("UP"), bootstrap: "k:1").notices == [.connected(to: "k:1")])
    }

    @Test func `where others name the topics, one that may not be read ends nothing`() {
        var membership = Membership(toleratesUnreadableTopics: true)
        let news = membership.take(error(.topicAuthorizationFailed), bootstrap: "k:1")
        #expect(news.failure == nil)
        #expect(news.notices.count == 1)
        #expect(membership.take(error(.groupAuthorizationFailed), bootstrap: "k:1").failure != nil)
    }

    @Test(arguments: [ErrorCode.groupAuthorizationFailed, .topicAuthorizationFailed, .autoOffsetReset])
    func `what only the operator can help ends the stream`(code: ErrorCode) {
        var membership = Membership()
        _ = membership.take(.assigned([a], epoch: 1), bootstrap: "k:1")
        #expect(membership.take(error(code), bootstrap: "k:1").failure?.code == code)
    }

    @Test func `wrong credentials end the stream at the start, not later`() {
        var membership = Membership()
        #expect(membership.take(error(.authentication), bootstrap: "k:1").failure != nil)
        _ = membership.take(.assigned([a], epoch: 1), bootstrap: "k:1")
        let later = membership.take(error(.saslAuthenticationFailed), bootstrap: "k:1")
        #expect(later.failure == nil)
        #expect(later.notices.count == 1)
    }

    @Test(arguments: [ErrorCode.transport, .resolve, .unknownTopicOrPartition, .maxPollExceeded])
    func `what passes is told, and ends nothing`(code: ErrorCode) {
        var membership = Membership()
        let news = membership.take(error(code), bootstrap: "k:1")
        #expect(news.failure == nil)
        #expect(news.notices.count == 1)
        #expect(membership.take(error(code, isFatal: true), bootstrap: "k:1").failure?.isFatal == true)
    }

    @Test func `settlements that are late or repeated are told and change nothing`() {
        var membership = Membership()
        _ = membership.take(.assigned([a], epoch: 1), bootstrap: "k:1")
        membership.window.handOut(a, epoch: 1, offset: 7)
        let event = Event(
            id: EventID(topic: "t", partition: 0, offset: 7), epoch: Epoch(1), payload: nil)
        let stale = Event(id: event.id, epoch: Epoch(0), payload: nil)
        let (offsets, ignored) = membership.settle([
            Settlement(stale, .accept), Settlement(event, .retry(after: .zero)), Settlement(event, .accept),
            Settlement(event, .reject(reason: "again")),
        ])
        #expect(offsets == [TopicPartitionOffset(a, 8)])
        #expect(
            ignored == [
                .settlementIgnored(event.id, reason: "stale epoch"),
                .settlementIgnored(event.id, reason: "kafka cannot deliver one event again"),
                .settlementIgnored(event.id, reason: "settled before"),
            ])
    }
}
