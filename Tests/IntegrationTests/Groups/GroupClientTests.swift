import FakeBroker
import Testing

/// Groups of public clients, and their administrators.
@Suite struct `Groups of real clients` {
    private static let values = (0..<12).map { "value \($0)" }.sorted()

    /// Two brokers with twelve records in six partitions of two topics, whose consumers hear of a change soon.
    private func with(_ body: (FakeBroker) async throws -> Void) async throws {
        var configuration = FakeBroker.Configuration()
        configuration.brokers = 2
        configuration.topics = [.init("orders", partitions: 4), .init("returns", partitions: 2)]
        configuration.consumerGroups.heartbeatInterval = .milliseconds(100)
        // Members leave by themselves; a machine that stands still for minutes must put out none.
        configuration.consumerGroups.sessionTimeout = .seconds(600)
        configuration.shareGroups.sessionTimeout = .seconds(600)
        configuration.shareGroups.recordLockDuration = .seconds(600)
        configuration.shareGroups.heartbeatInterval = .milliseconds(100)
        configuration.shareGroups.offsetReset = .earliest
        let broker = try await FakeBroker.start(configuration)
        for (index, value) in Self.values.enumerated() {
            try await broker.append(
                [.init(value)], to: index % 6 < 4 ? "orders" : "returns", partition: index % 6 % 4)
        }
        do {
            try await body(broker)
        } catch {
            // What the brokers saw.
            for entry in try await broker.journal().filter({ $0.api.contains("Group") }).suffix(60) { print(entry) }
            await broker.shutdown()
            throw error
        }
        await broker.shutdown()
    }

    private struct ShareOut: Decodable, Equatable {
        var first: [[String]]
        var values: [String]
        var after: [[String]]
        var again: [String]
    }

    @Test(arguments: ["uniform", "range"])
    func `librdkafka shares partitions out by an assignor of the broker`(assignor: String) async throws {
        try await with { broker in
            var question = GroupClient.Question("share_out", broker.bootstrapServers)
            question.topics = ["orders", "returns"]
            question.protocol = "consumer"
            question.assignor = assignor
            let answer = try await GroupClient.confluent.ask(question, ShareOut.self)
            #expect(answer.values == Self.values)
            #expect(answer.again == [])
            #expect(answer.first.map(\.count).sorted() == (assignor == "uniform" ? [2, 2, 2] : [1, 2, 3]))
            #expect(answer.after.map(\.count) == [3, 3])
            let apis = try await broker.journal().map(\.api)
            #expect(apis.contains("ConsumerGroupHeartbeat"))
        }
    }

    @Test func `librdkafka subscribes by a pattern that the broker resolves`() async throws {
        try await with { broker in
            var question = GroupClient.Question("pattern", broker.bootstrapServers)
            question.protocol = "consumer"
            question.topics = ["^ord.*"]
            question.count = 8
            question.late = "orders-late"
            let answer = try await GroupClient.confluent.ask(question, [String].self)
            #expect(answer.count == 9)
            #expect(answer.contains("late"))
        }
    }

    @Test func `librdkafka's static members come back to what they had`() async throws {
        try await with { broker in
            var question = GroupClient.Question("static", broker.bootstrapServers)
            question.protocol = "consumer"
            question.partitions = 4
            let revocations = try await GroupClient.confluent.ask(question, Int.self)
            #expect(revocations == 0)
        }
    }

    @Test func `librdkafka's members go over to the new protocol one by one`() async throws {
        try await with { broker in
            var question = GroupClient.Question("migrate", broker.bootstrapServers)
            question.partitions = 4
            let shared = try await GroupClient.confluent.ask(question, [Int].self)
            #expect(shared == [2, 2])
        }
    }

    private struct Administration: Decodable, Equatable {
        var listed: [String]
        var classic: [String]
        var state: String
        var type: String
        var assignor: String
        var members: [[String]]
        var delete: String?
        var offsets: [Int]
        var altered: [Int]
        var left: [String]
    }

    @Test(arguments: ["classic", "consumer"])
    func `librdkafka's administrator sees groups of both kinds`(kind: String) async throws {
        try await with { broker in
            var question = GroupClient.Question("admin", broker.bootstrapServers)
            question.protocol = kind
            question.partitions = 4
            question.count = 8
            let answer = try await GroupClient.confluent.ask(question, Administration.self)
            #expect(answer.listed == ["group"])
            #expect(answer.classic == (kind == "classic" ? ["group"] : []))
            #expect(answer.state == "STABLE")
            #expect(answer.type == kind.uppercased())
            #expect(answer.assignor == (kind == "classic" ? "range" : "uniform"))
            #expect(answer.members == [["c", "orders-0", "orders-1", "orders-2", "orders-3"]])
            #expect(answer.delete == "NON_EMPTY_GROUP")
            #expect(answer.offsets == [2, 2, 2, 2])
            #expect(answer.altered == [1])
            #expect(answer.left == [])
        }
    }

    private struct PythonAdministration: Decodable, Equatable {
        var seen: Int
        var listed: [String]
        var state: String
        var members: [String]
        var delete_offset: String?
        var removed: Int
        var reset: Int
        var offsets: [String: Int]
        var altered: Int
        var rest: [String: Int]
        var left: [String]
    }

    @Test func `kafka-python's administrator lists, describes, alters and deletes`() async throws {
        try await with { broker in
            var question = GroupClient.Question("admin", broker.bootstrapServers)
            question.count = 8
            let answer = try await GroupClient.kafkaPython.ask(question, PythonAdministration.self)
            #expect(answer.seen == 8)
            #expect(answer.listed == ["group"])
            #expect(answer.state == "Stable")
            #expect(answer.members == ["c"])
            #expect(answer.offsets == ["orders-0": 2, "orders-1": 2, "orders-2": 2, "orders-3": 2])
            #expect(answer.altered == 1)
            #expect(answer.removed == 0)
            #expect(answer.reset == 0)
            #expect(answer.rest == ["orders-1": 0, "orders-2": 2, "orders-3": 2])
            #expect(answer.left == [])
        }
    }

    private struct AioShareOut: Decodable, Equatable {
        var first: [Int]
        var values: [String]
        var listed: [String]
        var described: [String]
        var has_coordinator: Bool
        var committed: Int
    }

    @Test(arguments: ["range", "roundrobin", "sticky"])
    func `aiokafka's members share partitions out by themselves`(assignor: String) async throws {
        try await with { broker in
            var question = GroupClient.Question("share_out", broker.bootstrapServers)
            question.topics = ["orders", "returns"]
            question.assignor = assignor
            let answer = try await GroupClient.aiokafka.ask(question, AioShareOut.self)
            #expect(answer.values == Self.values)
            #expect(answer.first.reduce(0, +) == 6)
            #expect(answer.listed == ["group"])
            #expect(answer.described == ["group", "Stable", assignor, "3"])
            #expect(answer.has_coordinator)
            #expect(answer.committed == 12)
        }
    }

    // MARK: Share groups

    @Test func `librdkafka's share consumers take each record once`() async throws {
        try await with { broker in
            var question = GroupClient.Question("share_out", broker.bootstrapServers)
            question.topics = ["orders", "returns"]
            let answer = try await GroupClient.confluentShare.ask(question, [[String]].self)
            #expect(answer == [Self.values, []])
        }
    }

    @Test func `librdkafka's share consumer gets again what it released, not what it rejected`() async throws {
        try await with { broker in
            var question = GroupClient.Question("explicit", broker.bootstrapServers)
            question.topics = ["orders", "returns"]
            question.released = "value 3"
            question.rejected = "value 5"
            let answer = try await GroupClient.confluentShare.ask(question, [String].self)
            #expect(answer == (Self.values + ["value 3"]).sorted())
        }
    }
}
