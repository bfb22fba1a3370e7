import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// A hundred members over a thousand partitions settle, by either protocol.
@Suite struct `A large group` {
    private static let topics = (0..<10).map { FakeBroker.Configuration.Topic("t\($0)", partitions: 100) }
    private static let names = (0..<10).map { "t\($0)" }

    @Test(arguments: Assignor.allCases)
    func `of the consumer protocol settles`(assignor: Assignor) throws {
        var brokers = VirtualCluster { $0.topics = Self.topics }
        var members = (0..<100).map {
            ConsumerMember("member-\($0)", topics: Self.names, assignor: assignor.rawValue)
        }
        #expect(try brokers.settle(&members) <= 6)
        #expect(members.allSatisfy { $0.owned.count == 10 })
        #expect(Set(members.flatMap { Array($0.owned) }).count == 1000)
        for index in 0..<50 { _ = try members[index].leave(&brokers) }
        members.removeFirst(50)
        #expect(try brokers.settle(&members) <= 6)
        #expect(members.allSatisfy { $0.owned.count == 20 })
        #expect(Set(members.flatMap { Array($0.owned) }).count == 1000)
    }

    @Test func `of the classic protocol settles`() throws {
        var brokers = VirtualCluster {
            $0.topics = Self.topics
            $0.groupInitialRebalanceDelay = .seconds(3)
        }
        let clients = UInt64(1)...100
        let request = VirtualCluster.joinRequest("g", topics: Self.names)
        for client in clients { #expect(brokers.join(request, from: client) == nil) }
        // The group waits once more, since members came.
        brokers.pass(.seconds(6))
        var joined: [UInt64: JoinGroupResponse] = [:]
        for client in clients {
            guard case .joinGroup(let response) = brokers.take(client).first else { throw UnexpectedAnswer(nil) }
            #expect(response.errorCode == .none)
            joined[client] = response
        }
        #expect(Set(joined.values.map(\.generationID)) == [1])
        let leader = try #require(clients.first { joined[$0]?.leader == joined[$0]?.memberID })
        let members = try #require(joined[leader]).members.map(\.memberID)
        #expect(members.count == 100)
        // The leader gives each member one partition of each topic.
        let assignments = members.enumerated().map { index, id in
            (id, ConsumerProtocol.assignment(Self.names.map { ($0, [Int32(index)]) }, version: 1))
        }
        var given: [ByteBuffer] = []
        for client in clients where client != leader {
            let member = try #require(joined[client]).memberID
            #expect(brokers.sync("g", member: member, generation: 1, from: client) == nil)
        }
        let leading = try #require(joined[leader]).memberID
        let own = brokers.sync("g", member: leading, generation: 1, assign: assignments, from: leader)
        given.append(try #require(own).assignment)
        for client in clients where client != leader {
            guard case .syncGroup(let response) = brokers.take(client).first else { throw UnexpectedAnswer(nil) }
            given.append(response.assignment)
        }
        let partitions = given.flatMap { ConsumerProtocol.partitions(ofAssignment: $0) ?? [] }
        #expect(partitions.count == 1000)
        #expect(Set(partitions).count == 1000)
        #expect(try brokers.describe("g").groupState == "Stable")
    }

    @Test func `settles over a connection for each member`() async throws {
        try await withBrokers({
            $0.topics = Self.topics
            // It does not pass: on a busy machine a hundred members take longer than a session lasts.
            $0.time = .virtual()
        }) { broker in
            var members = (0..<100).map { ConsumerMember("member-\($0)", topics: Self.names) }
            var clients: [TestClient] = []
            for _ in members { clients.append(try await TestClient.connect(to: broker)) }
            var rounds = 0
            while Set(members.flatMap { Array($0.owned) }).count < 1000
                || members.contains(where: { $0.owned.count != 10 })
            {
                rounds += 1
                try #require(rounds < 10)
                for index in members.indices {
                    let answer = try await clients[index].call(.consumerGroupHeartbeat(members[index].request))
                    guard case .consumerGroupHeartbeat(let response) = answer else { throw UnexpectedAnswer(answer) }
                    #expect(response.errorCode == .none)
                    members[index].take(response)
                }
            }
            let group = try #require(try await broker.describeGroup("g"))
            #expect((group.kind, group.state) == (.consumer, .stable))
            #expect(group.members.count == 100)
            #expect(group.members.allSatisfy { $0.assignment.values.reduce(0) { $0 + $1.count } == 10 })
            for client in clients { try await client.close() }
        }
    }
}
