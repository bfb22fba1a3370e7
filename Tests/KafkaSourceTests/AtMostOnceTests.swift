import Connector
import FakeBroker
import Kafka
import KafkaSource
import TestSupport
import Testing

/// Committed before it is handed over, or not handed over.
@Suite struct AtMostOnceTests {
    @Test func `a batch is committed once, before it is handed over`() async throws {
        let world = try await World()
        try await world.append((0..<10).map(String.init))
        let (source, _) = try await world.source()
        let batch = try await source.events(10)
        #expect(try await world.committed() == nil)
        let answer = await source.acknowledge(batch)
        #expect(try await world.committed() == 10)
        #expect(answer.acknowledged.map(\.text) == (0..<10).map(String.init))
        #expect(answer.refused.isEmpty)
        #expect(try await world.count(of: "OffsetCommit") == 1)
        await source.close()
    }

    @Test func `cancelled, an acknowledgement that is not answered ends at once, its outcome unknown`() async throws {
        let world = try await World()
        try await world.append(["a"])
        let (source, _) = try await world.source()
        let batch = try await source.events(1)
        let asked = Mutexed(false)
        try await world.broker.intercept { request in
            guard request.api == "OffsetCommit" else { return .handle }
            asked.change { $0 = true }
            return .delay(.seconds(5))
        }
        let acknowledging = Task { await source.acknowledge(batch) }
        try await eventually("the broker is asked") { asked.value }
        let start = ContinuousClock.now
        acknowledging.cancel()
        let answer = await acknowledging.value
        #expect(ContinuousClock.now - start < .seconds(4))
        #expect(answer.acknowledged.isEmpty)
        #expect(answer.refused.map(\.reason) == ["outcome-unknown"])
        await source.close()
    }

    /// librdkafka itself waits until `socket.timeout.ms`.
    @Test func `closing waits for an answer to a commit no longer than for leaving the group`() async throws {
        let world = try await World()
        try await world.append(["a"])
        var configuration = Configuration()
        configuration.bootstrapServers = [world.broker.bootstrapServers]
        configuration.groupID = "group"
        configuration.autoOffsetReset = .earliest
        let consumer = try Consumer(configuration: configuration, logger: quiet, closeTimeout: .milliseconds(500))
        try await consumer.subscribe(to: [World.topic])
        _ = try await consumer.nextBatch(max: 1)
        let asked = Mutexed(false)
        try await world.broker.intercept { request in
            guard request.api == "OffsetCommit" else { return .handle }
            asked.change { $0 = true }
            return .delay(.seconds(30))
        }
        let offset = TopicPartitionOffset(TopicPartition(World.topic, 0), 1)
        let committing = Task { try await consumer.commit([offset]) }
        try await eventually("the broker is asked") { asked.value }
        let start = ContinuousClock.now
        await consumer.close()
        #expect(ContinuousClock.now - start < .seconds(20))
        await #expect(throws: KafkaError.self) { try await committing.value }
    }

    @Test func `a crash before the commit delivers again, one after it does not`() async throws {
        let world = try await World()
        try await world.append(["a", "b", "c"])
        let (first, _) = try await world.source {
            $0.properties.append(.init(name: "session.timeout.ms", value: "6000"))
        }
        _ = await first.acknowledge(try await first.events(1))
        #expect(try await first.events(1).map(\.text) == ["b"])
        // It ends without a word, as a crash does: its session must expire first.
        try await world.broker.closeConnections()
        await first.close()
        let (second, _) = try await world.source()
        #expect(try await second.events(2).map(\.text) == ["b", "c"])
        await second.close()
    }

    /// librdkafka gives the partitions up before 2.10, and keeps them after: either way nothing is lost.
    @Test(arguments: [ErrorCode.illegalGeneration, .unknownMember])
    func `what a commit for an earlier membership left out is committed later or comes again`(
        code: ErrorCode
    ) async throws {
        let world = try await World()
        try await world.append(["a", "b"])
        // Under a new identity it has to wait until the session of the old one has expired.
        let (source, _) = try await world.source(time: World.standing) {
            $0.properties.append(.init(name: "session.timeout.ms", value: "6000"))
        }
        let batch = try await source.events(2)
        try await world.failCommits([code])
        let answer = await source.acknowledge(batch)
        if answer.acknowledged.isEmpty {
            #expect(answer.refused.map(\.reason) == ["revoked"])
            #expect(try await source.events(2).map(\.text) == ["a", "b"])
        } else {
            #expect(answer.acknowledged.map(\.text) == ["a", "b"])
            #expect(try await world.committed() == 2)
        }
        await source.close()
    }

    @Test(arguments: [ErrorCode.groupAuthorizationFailed, .topicAuthorizationFailed], [false, true])
    func `what this client may not commit ends the stream and comes again, and nothing passes it`(
        code: ErrorCode, toleratesUnreadableTopics: Bool
    ) async throws {
        let world = try await World()
        try await world.append(["a", "b", "c"])
        let (source, _) = try await world.source { $0.toleratesUnreadableTopics = toleratesUnreadableTopics }
        let batch = try await source.events(2)
        let later = try await source.events(1)
        try await world.failCommits([code])
        let answer = await source.acknowledge(batch)
        #expect(answer.acknowledged.isEmpty)
        #expect(answer.refused.map(\.reason) == ["unauthorized"])
        #expect(answer.refused.map(\.events) == [2])
        #expect(await source.acknowledge(later).refused.map(\.reason) == ["shutdown"])
        let error = await #expect(throws: KafkaError.self) { try await source.next(limit: 1) }
        #expect(error?.code == code)
        #expect(try await world.committed() == nil)
        await source.close()
        let (next, _) = try await world.source()
        #expect(try await next.events(3).map(\.text) == ["a", "b", "c"])
        await next.close()
    }

    /// The broker takes one topic's offset and denies the other's, in one answer.
    @Test func `what was committed beside a topic that is denied is handed over`() async throws {
        let world = try await World(topics: ["a", "b"], World.allowsEverything)
        for topic in ["a", "b"] { try await world.broker.append([.init("of \(topic)")], to: topic) }
        // Else a fetch that is denied could end the stream before the commit is.
        let (source, _) = try await world.source(of: ["a", "b"]) { $0.toleratesUnreadableTopics = true }
        let batch = try await source.events(2)
        try await world.denyReading("a")
        let answer = await source.acknowledge(batch)
        #expect(answer.acknowledged.map(\.text) == ["of b"])
        #expect(answer.refused.map(\.reason) == ["unauthorized"])
        let error = await #expect(throws: KafkaError.self) { try await source.next(limit: 1) }
        #expect(error?.code == .topicAuthorizationFailed)
        await source.close()
        #expect(try await world.broker.committedOffset(group: "group", topic: "b") == 1)
        #expect(try await world.broker.committedOffset(group: "group", topic: "a") == nil)
    }

    @Test(arguments: [
        ErrorCode.rebalanceInProgress, .coordinatorLoading, .coordinatorNotAvailable, .notCoordinator,
        .unknownServerError,
    ])
    func `what passes is asked again until it is committed`(code: ErrorCode) async throws {
        let world = try await World()
        try await world.append(["a"])
        let (source, notices) = try await world.source()
        let batch = try await source.events(1)
        try await world.failCommits([code, code])
        let answer = await source.acknowledge(batch)
        #expect(answer.acknowledged.map(\.text) == ["a"])
        #expect(try await world.committed() == 1)
        // The others librdkafka gets over by itself, or any rebalance brings them.
        let isTold = notices.all.contains { "\($0)".contains("committing faas-request/0") }
        #expect(isTold == (code == .unknownServerError), "\(notices.all)")
        await source.close()
    }

    @Test func `a connection lost during the commit is got over`() async throws {
        let world = try await World()
        try await world.append(["a"])
        let (source, _) = try await world.source()
        let batch = try await source.events(1)
        let once = Queue([true])
        try await world.broker.intercept { request in
            request.api == "OffsetCommit" && once.next() == true ? .close : .handle
        }
        let answer = await source.acknowledge(batch)
        #expect(answer.acknowledged.map(\.text) == ["a"])
        #expect(try await world.committed() == 1)
        await source.close()
    }

    @Test func `a batch from before and after a log was made anew commits the new one's offsets`() async throws {
        let world = try await World()
        try await world.append(["a", "b", "c"])
        let (source, _) = try await world.source()
        let old = try await source.events(3)
        try await world.broker.deleteTopic(World.topic)
        try await world.broker.createTopic(World.topic, partitions: 1)
        try await world.append(["d", "e"])
        let new = try await source.events(2)
        let acknowledgement = await source.acknowledge(old + new)
        #expect(acknowledgement.acknowledged.map(\.text) == ["d", "e"])
        #expect(acknowledgement.refused.map(\.events) == [3])
        #expect(try await world.committed() == 2)
        await source.close()
    }

    @Test func `what another member took meanwhile is not handed over`() async throws {
        let world = try await World(partitions: 2)
        for partition in 0..<2 { try await world.append(["\(partition)"], partition: partition) }
        let (first, firstNotices) = try await world.source()
        let batch = try await first.events(2)
        let (second, secondNotices) = try await world.source()
        let waiting = Task { try await second.events(1) }
        try await eventually("shared") { firstNotices.held.count == 1 && secondNotices.held.count == 1 }
        let kept = firstNotices.held
        let answer = await first.acknowledge(batch)
        #expect(answer.acknowledged.map(\.id.partition) == kept)
        #expect(answer.refused.map(\.reason) == ["revoked"])
        #expect(answer.refused.map(\.events) == [1])
        for event in batch { #expect(first.holds(event) == (event.id.partition == kept[0])) }
        // The other member gets it.
        let others = try await waiting.value
        #expect(others.map(\.id.partition) == secondNotices.held)
        #expect(await second.acknowledge(others).acknowledged.count == 1)
        await first.close()
        await second.close()
    }

    /// librdkafka's part of the promise: a commit that it holds back is built for the membership of that time.
    @Test func `who was thrown out joins anew only once its commits are answered`() async throws {
        let world = try await World()
        try await world.append(["a"])
        let (source, _) = try await world.source {
            $0.properties.append(.init(name: "socket.timeout.ms", value: "1000"))
        }
        let batch = try await source.events(1)
        let joins = try await world.count(of: "JoinGroup")
        let unanswered = Queue([true])
        let thrownOut = Queue([true])
        let isCommitting = Mutexed(false)
        try await world.broker.intercept { request in
            switch request.api {
            case "OffsetCommit" where unanswered.next() == true:
                isCommitting.change { $0 = true }
                return .drop
            case "Heartbeat" where isCommitting.value && thrownOut.next() == true: return .fail(.unknownMemberID)
            default: return .handle
            }
        }
        let answer = await source.acknowledge(batch)
        #expect(answer.acknowledged.isEmpty)
        try await eventually("asks to join") { try await world.count(of: "JoinGroup") > joins }
        // The commit was repeated before there is another membership, for which it could be taken.
        let requests = try await world.broker.journal().map(\.api).drop { $0 != "OffsetCommit" }
        #expect(
            requests.filter { ["JoinGroup", "OffsetCommit"].contains($0) }
                .starts(with: ["OffsetCommit", "OffsetCommit", "JoinGroup"]))
        await source.close()
    }

    @Test func `draining gives up a commit that nobody answers`() async throws {
        let world = try await World()
        try await world.append(["a"])
        let (source, _) = try await world.source(time: World.standing)
        let batch = try await source.events(1)
        try await world.broker.intercept { request in
            request.api == "OffsetCommit" ? .fail(.init(rawValue: 27)) : .handle
        }
        let answer = Task { await source.acknowledge(batch) }
        await source.drain()
        let refused = await answer.value.refused
        #expect(refused.map(\.reason) == ["shutdown"])
        await source.close()
    }

    /// Members come, go and crash while events are acknowledged; whoever acknowledged an event may have handled it.
    @Test func `no event is acknowledged twice, whoever comes and goes`() async throws {
        let world = try await World(partitions: 4)
        let count = 2_000
        for partition in 0..<4 {
            try await world.append((0..<count / 4).map { "\(partition)-\($0)" }, partition: partition)
        }
        let acknowledged = Mutexed<[EventID]>([])
        try await withThrowingTaskGroup { group in
            for member in 0..<3 {
                group.addTask {
                    // Each member lives several short lives.
                    for life in 0..<4 {
                        let (source, _) = try await world.source()
                        for _ in 0..<(10 + 5 * member + 3 * life) {
                            guard acknowledged.value.count < count else { break }
                            let reader = Task { try await source.next(limit: 7) }
                            let watch = Task {
                                // A member that could not say goodbye in time is one for a session yet.
                                try await eventually("done", within: .seconds(180)) {
                                    acknowledged.value.count >= count
                                }
                                reader.cancel()
                            }
                            let batch = try await reader.value
                            watch.cancel()
                            guard let batch else { break }
                            let answer = await source.acknowledge(batch)
                            acknowledged.change { $0 += answer.acknowledged.map(\.id) }
                        }
                        await source.close()
                    }
                }
            }
            try await group.waitForAll()
        }
        let all = acknowledged.value
        #expect(Set(all).count == all.count)
        // What is left is read by the last one: nothing was skipped either.
        let (last, _) = try await world.source()
        var rest: [EventID] = []
        while all.count + rest.count < count {
            rest += await last.acknowledge(try await last.events(1)).acknowledged.map(\.id)
        }
        #expect(Set(all + rest).count == count)
        await last.close()
    }
}
