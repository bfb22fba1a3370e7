import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// Groups as an administrator sees and removes them.
@Suite struct `Group administration` {
    private var brokers = VirtualCluster { $0.topics = [.init("t", partitions: 2), .init("u")] }

    /// A group of one member in a stable generation.
    private mutating func stableMember(_ group: String, type: String = "consumer") throws -> JoinGroupResponse {
        let joined = try brokers.joined(VirtualCluster.joinRequest(group, type: type))
        _ = brokers.sync(
            group, member: joined.memberID, generation: joined.generationID,
            assign: [(joined.memberID, ByteBuffer(string: "mine"))])
        return joined
    }

    // MARK: Describe

    @Test(arguments: APIKey.describeGroups.stableVersions)
    mutating func `a stable group is shown with what its members told and got`(version: Int16) throws {
        let joined = try stableMember("g")
        let group = try brokers.describe("g", version: version)
        #expect(group.errorCode == .none)
        #expect(group.groupState == "Stable")
        #expect(group.protocolType == "consumer")
        #expect(group.protocolData == "range")
        #expect(group.members.map(\.memberID) == [joined.memberID])
        #expect(group.members[0].clientID == "client-1")
        #expect(group.members[0].clientHost == "/127.0.0.1")
        #expect(group.members[0].memberMetadata == VirtualCluster.subscription(["t"]))
        #expect(group.members[0].memberAssignment == ByteBuffer(string: "mine"))
        // Read, Delete, Describe and the three of configs, a bit for each.
        #expect(group.authorizedOperations & (1 << 3 | 1 << 6 | 1 << 8) == 1 << 3 | 1 << 6 | 1 << 8)
    }

    @Test mutating func `a group in a rebalance does not show what is about to change`() throws {
        _ = try stableMember("g")
        _ = brokers.join(VirtualCluster.joinRequest("g"), from: 2)
        let group = try brokers.describe("g")
        #expect(group.groupState == "PreparingRebalance")
        #expect(group.protocolData == "")
        #expect(group.members.count == 2)
        #expect(group.members.allSatisfy { $0.memberMetadata.readableBytes == 0 })
    }

    @Test mutating func `a group that is not there is dead, from version 6 on an error`() throws {
        let old = try brokers.describe("absent", version: 5)
        #expect((old.errorCode, old.groupState) == (.none, "Dead"))
        let new = try brokers.describe("absent", version: 6)
        #expect((new.errorCode, new.groupState) == (.groupIDNotFound, "Dead"))
    }

    // MARK: List

    @Test mutating func `groups are listed by state and type, whatever the case`() throws {
        _ = try stableMember("stable")
        #expect(brokers.commit(1, group: "simple") == ErrorCode.none)
        #expect(try brokers.list().map(\.groupID) == ["stable", "simple"])
        #expect(try brokers.list().map(\.protocolType) == ["consumer", ""])
        #expect(try brokers.list(states: ["STABLE"]).map(\.groupID) == ["stable"])
        #expect(try brokers.list(states: ["empty", "dead"]).map(\.groupID) == ["simple"])
        #expect(try brokers.list(types: ["classic"]).map(\.groupType) == ["classic", "classic"])
        #expect(try brokers.list(types: ["nonsense"]).isEmpty)
    }

    @Test func `each broker lists the groups that it coordinates`() throws {
        var brokers = VirtualCluster {
            $0.brokers = 3
            $0.topics = [.init("t")]
        }
        var coordinators: [Int32: Set<String>] = [:]
        for index in 0..<12 {
            let coordinator = try #require(brokers.cluster.brokers.coordinator(for: "g\(index)")).id
            coordinators[coordinator, default: []].insert("g\(index)")
            _ = brokers.send(
                .joinGroup(VirtualCluster.joinRequest("g\(index)")), version: 3, from: UInt64(index), to: coordinator)
        }
        for broker in Int32(1)...3 {
            guard case .listGroups(let response) = brokers.send(.listGroups(ListGroupsRequest()), to: broker) else {
                throw UnexpectedAnswer(nil)
            }
            #expect(Set(response.groups.map(\.groupID)) == coordinators[broker])
        }
    }

    // MARK: Delete

    @Test mutating func `an empty group is deleted with its offsets, another is not`() throws {
        let joined = try stableMember("g")
        #expect(
            brokers.commit(5, group: "g", member: joined.memberID, epoch: joined.generationID) == ErrorCode.none)
        #expect(try brokers.delete("g", "absent") == [.nonEmptyGroup, .groupIDNotFound])
        #expect(brokers.leave("g", member: joined.memberID) == ErrorCode.none)
        #expect(try brokers.delete("g") == [.none])
        #expect(brokers.committed("g") == nil)
        #expect(try brokers.list().isEmpty)
    }

    @Test mutating func `offsets of a topic that members read are kept`() throws {
        let joined = try stableMember("g")
        for topic in ["t", "u"] {
            let error = brokers.commit(
                5, group: "g", topic: topic, member: joined.memberID, epoch: joined.generationID)
            #expect(error == ErrorCode.none)
        }
        #expect(try brokers.deleteOffset("g") == .groupSubscribedToTopic)
        #expect(try brokers.deleteOffset("g", topic: "u") == .none)
        #expect(brokers.committed("g") == 5)
        #expect(brokers.committed("g", topic: "u") == nil)
        #expect(brokers.leave("g", member: joined.memberID) == ErrorCode.none)
        #expect(try brokers.deleteOffset("g", partition: 9) == .unknownTopicOrPartition)
        #expect(try brokers.deleteOffset("g") == .none)
        #expect(brokers.committed("g") == nil)
    }

    @Test mutating func `offsets of a group of another kind of members are kept while it has any`() throws {
        _ = try stableMember("g", type: "connect")
        #expect(try brokers.deleteOffset("g") == .nonEmptyGroup)
        #expect(try brokers.deleteOffset("absent") == .groupIDNotFound)
    }

    // MARK: Expiry

    @Test mutating func `offsets expire a week after the last member has gone`() throws {
        let joined = try stableMember("g")
        #expect(
            brokers.commit(5, group: "g", member: joined.memberID, epoch: joined.generationID) == ErrorCode.none)
        #expect(brokers.leave("g", member: joined.memberID) != nil)
        brokers.pass(.seconds(7 * 86_400) - .milliseconds(1))
        #expect(brokers.committed("g") == 5)
        brokers.pass(.milliseconds(1))
        #expect(brokers.committed("g") == nil)
        #expect(brokers.cluster.groups.ids.isEmpty)
    }

    @Test mutating func `offsets of a client without a group expire a week after each commit`() {
        #expect(brokers.commit(5, group: "g") == ErrorCode.none)
        brokers.pass(.seconds(86_400))
        #expect(brokers.commit(6, group: "g", partition: 1) == ErrorCode.none)
        brokers.pass(.seconds(6 * 86_400))
        #expect(brokers.committed("g") == nil)
        #expect(brokers.committed("g", partition: 1) == 6)
        brokers.pass(.seconds(86_400))
        #expect(brokers.committed("g", partition: 1) == nil)
        #expect(brokers.cluster.groups.ids.isEmpty)
    }

    @Test func `how long offsets are kept is a setting`() {
        var brokers = VirtualCluster {
            $0.topics = [.init("t")]
            $0.offsetRetention = .seconds(3600)
        }
        #expect(brokers.commit(5, group: "g") == ErrorCode.none)
        brokers.pass(.seconds(3599))
        #expect(brokers.commit(6, group: "g") == ErrorCode.none)
        brokers.pass(.seconds(3599))
        #expect(brokers.committed("g") == 6)
        brokers.pass(.seconds(1))
        #expect(brokers.committed("g") == nil)
    }

    @Test func `a group with members keeps its offsets`() throws {
        var brokers = VirtualCluster {
            $0.topics = [.init("t")]
            $0.groupSessionTimeouts = .zero ... .seconds(30 * 86_400)
        }
        var request = VirtualCluster.joinRequest("g")
        request.sessionTimeoutMs = 20 * 86_400_000
        request.rebalanceTimeoutMs = 20 * 86_400_000
        let joined = try brokers.joined(request)
        _ = brokers.sync("g", member: joined.memberID, generation: 1)
        #expect(brokers.commit(5, group: "g", member: joined.memberID, epoch: 1) == ErrorCode.none)
        brokers.pass(.seconds(19 * 86_400))
        #expect(brokers.committed("g") == 5)
        brokers.pass(.seconds(7 * 86_400))
        #expect(brokers.committed("g") == 5)
        brokers.pass(.seconds(86_400))
        #expect(brokers.committed("g") == nil)
    }

    @Test mutating func `an empty group without offsets goes after ten minutes`() throws {
        let joined = try stableMember("g")
        #expect(brokers.leave("g", member: joined.memberID) == ErrorCode.none)
        brokers.pass(.seconds(599))
        #expect(brokers.cluster.groups.ids == ["g"])
        brokers.pass(.seconds(1))
        #expect(brokers.cluster.groups.ids.isEmpty)
    }

    // MARK: Static members

    @Test mutating func `a static member that was replaced is fenced in every call`() throws {
        let old = try brokers.joined(VirtualCluster.joinRequest("g", instance: "i"), version: 9)
        _ = brokers.sync(
            "g", member: old.memberID, generation: old.generationID, instance: "i",
            assign: [(old.memberID, ByteBuffer(string: "mine"))])
        let new = try brokers.joined(VirtualCluster.joinRequest("g", instance: "i"), version: 9)
        #expect(new.memberID != old.memberID)
        let again = VirtualCluster.joinRequest("g", member: old.memberID, instance: "i")
        #expect(brokers.join(again, version: 9)?.errorCode == .fencedInstanceID)
        let generation = new.generationID
        #expect(
            brokers.sync("g", member: old.memberID, generation: generation, instance: "i")?.errorCode
                == .fencedInstanceID)
        #expect(
            brokers.heartbeat("g", member: old.memberID, generation: generation, instance: "i") == .fencedInstanceID)
        #expect(
            brokers.commit(1, group: "g", member: old.memberID, epoch: generation, instance: "i")
                == .fencedInstanceID)
        #expect(brokers.leave("g", member: old.memberID, instance: "i") == .fencedInstanceID)
        #expect(brokers.heartbeat("g", member: new.memberID, generation: generation, instance: "i") == ErrorCode.none)
    }
}
