import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// Groups that go over from one protocol to the other.
@Suite struct `A group between protocols` {
    private var brokers = VirtualCluster { $0.topics = [.init("t", partitions: 4)] }

    /// A cooperative consumer of the classic protocol, that does as its heartbeats tell.
    struct ClassicMember {
        var id = ""
        var instance: String?
        var generation: Int32 = -1
        var owned: [Int32] = []
        var client: UInt64 = 1

        /// Joins, and asks for its assignment; as the leader of a classic group it gives itself everything.
        mutating func join(_ brokers: inout VirtualCluster) -> ErrorCode? {
            let request = VirtualCluster.joinRequest(
                "g", member: id, instance: instance, owning: owned.isEmpty ? [] : [("t", owned)])
            guard let joined = brokers.join(request, from: client) else { return nil }
            guard joined.errorCode == .none else { return joined.errorCode }
            id = joined.memberID
            generation = joined.generationID
            let everything = ConsumerProtocol.assignment([("t", [0, 1, 2, 3])], version: 1)
            guard
                let synced = brokers.sync(
                    "g", member: id, generation: generation, instance: instance,
                    assign: joined.leader == id ? [(id, everything)] : [], from: client)
            else { return nil }
            guard synced.errorCode == .none else { return synced.errorCode }
            owned = (ConsumerProtocol.partitions(ofAssignment: synced.assignment) ?? []).map(\.partition).sorted()
            return ErrorCode.none
        }

        func beat(_ brokers: inout VirtualCluster) -> ErrorCode? {
            brokers.heartbeat("g", member: id, generation: generation, instance: instance)
        }
    }

    @Test mutating func `takes up the new protocol when it is empty, and keeps its offsets`() throws {
        #expect(brokers.commit(5, group: "g") == ErrorCode.none)
        var member = ConsumerMember("a")
        #expect(try member.beat(&brokers).errorCode == .none)
        #expect(try brokers.list().map(\.groupType) == ["consumer"])
        #expect(brokers.committed("g") == 5)
    }

    @Test mutating func `goes back to the old protocol when it is empty`() throws {
        var member = ConsumerMember("a")
        try member.beat(&brokers)
        #expect(brokers.commit(5, group: "g", member: "a", epoch: 1) == ErrorCode.none)
        _ = try member.leave(&brokers)
        var classic = ClassicMember()
        #expect(classic.join(&brokers) == ErrorCode.none)
        #expect(try brokers.list().map(\.groupType) == ["classic"])
        #expect(brokers.committed("g") == 5)
    }

    @Test mutating func `goes over with its members, one after the other`() throws {
        var old = ClassicMember()
        #expect(old.join(&brokers) == ErrorCode.none)
        #expect(old.owned == [0, 1, 2, 3])
        var new = ConsumerMember("new")
        #expect(try new.beat(&brokers).errorCode == .none)
        #expect((new.epoch, new.partitions) == (2, []))
        // The old member learns by its heartbeat, joins again, and gives up half.
        #expect(old.beat(&brokers) == .rebalanceInProgress)
        #expect(brokers.commit(3, group: "g", member: old.id, epoch: 1) == ErrorCode.none)
        #expect(old.join(&brokers) == ErrorCode.none)
        #expect((old.generation, old.owned.count) == (1, 2))
        try new.beat(&brokers)
        #expect(new.partitions == [])
        // It has given it up, and says so by joining again.
        #expect(old.beat(&brokers) == .rebalanceInProgress)
        #expect(old.join(&brokers) == ErrorCode.none)
        #expect((old.generation, old.owned.count) == (2, 2))
        #expect(old.beat(&brokers) == ErrorCode.none)
        try new.beat(&brokers)
        #expect(Set(new.partitions + old.owned) == [0, 1, 2, 3])
        #expect(try brokers.describeConsumers().members.map(\.memberType) == [0, 1])
        #expect(brokers.commit(3, group: "g", member: old.id, epoch: 1) == .illegalGeneration)
        // The last of the old ones leaves.
        #expect(brokers.leave("g", member: old.id) == ErrorCode.none)
        try new.beat(&brokers)
        #expect(new.partitions == [0, 1, 2, 3])
        #expect(try brokers.describeConsumers().members.map(\.memberType) == [1])
    }

    @Test mutating func `goes back when the last member of the new protocol leaves`() throws {
        var old = ClassicMember()
        #expect(old.join(&brokers) == ErrorCode.none)
        var new = ConsumerMember("new")
        try new.beat(&brokers)
        #expect(old.beat(&brokers) == .rebalanceInProgress)
        #expect(old.join(&brokers) == ErrorCode.none)
        #expect(try new.leave(&brokers) == .none)
        #expect(try brokers.list().map(\.groupType) == ["classic"])
        #expect(try brokers.describe("g").groupState == "PreparingRebalance")
        #expect(old.join(&brokers) == ErrorCode.none)
        #expect(old.owned == [0, 1, 2, 3])
        #expect(try brokers.describe("g").groupState == "Stable")
    }

    @Test mutating func `goes back when the last member of the new protocol falls silent`() throws {
        var old = ClassicMember()
        #expect(old.join(&brokers) == ErrorCode.none)
        var new = ConsumerMember("new")
        try new.beat(&brokers)
        for _ in 0..<9 {
            brokers.pass(.seconds(5))
            if old.beat(&brokers) == .rebalanceInProgress { _ = old.join(&brokers) }
        }
        #expect(try brokers.list().map(\.groupType) == ["classic"])
    }

    @Test mutating func `swaps a static member for one of the other protocol`() throws {
        var old = ClassicMember(instance: "i")
        #expect(old.join(&brokers) == ErrorCode.none)
        // A restart with the other protocol need not wait for the old session to end.
        var new = ConsumerMember("new", instance: "i")
        try new.beat(&brokers)
        try new.beat(&brokers)
        #expect(new.partitions == [0, 1, 2, 3])
        #expect(try brokers.describeConsumers().members.map(\.memberID) == ["new"])
        // And back, at which the group follows.
        var back = ClassicMember(instance: "i")
        #expect(back.join(&brokers) == ErrorCode.none)
        #expect(back.owned == [0, 1, 2, 3])
        #expect(try brokers.list().map(\.groupType) == ["classic"])
    }

    @Test mutating func `gives a member up that does not join again in time`() throws {
        var old = ClassicMember()
        #expect(old.join(&brokers) == ErrorCode.none)
        var new = ConsumerMember("new")
        try new.beat(&brokers)
        for _ in 0..<6 {
            #expect(old.beat(&brokers) == .rebalanceInProgress)
            brokers.pass(.seconds(5))
            try new.beat(&brokers)
        }
        #expect(old.beat(&brokers) == .unknownMemberID)
        try new.beat(&brokers)
        #expect(new.partitions == [0, 1, 2, 3])
    }

    @Test(arguments: [FakeBroker.ConsumerGroups.Migration.disabled, .downgrade])
    func `stays as it is where the settings say so`(policy: FakeBroker.ConsumerGroups.Migration) throws {
        var brokers = VirtualCluster {
            $0.topics = [.init("t", partitions: 4)]
            $0.consumerGroups.migration = policy
        }
        var old = ClassicMember()
        #expect(old.join(&brokers) == ErrorCode.none)
        var new = ConsumerMember("new")
        #expect(try new.beat(&brokers).errorCode == .groupIDNotFound)
        #expect(old.beat(&brokers) == ErrorCode.none)
        // Without members it may.
        #expect(brokers.leave("g", member: old.id) == ErrorCode.none)
        #expect(try new.beat(&brokers).errorCode == .none)
    }

    @Test mutating func `that is none of consumers does not go over`() throws {
        let joined = try brokers.joined(VirtualCluster.joinRequest("g", type: "connect"))
        #expect(joined.errorCode == .none)
        var new = ConsumerMember("new")
        #expect(try new.beat(&brokers).errorCode == .groupIDNotFound)
        var other = ConsumerMember("other", group: "h")
        try other.beat(&brokers)
        let stranger = VirtualCluster.joinRequest("h", type: "connect")
        #expect(try brokers.joined(stranger, from: 2).errorCode == .inconsistentGroupProtocol)
    }

    @Test mutating func `whose members' metadata cannot be read does not go over`() throws {
        var request = VirtualCluster.joinRequest("g")
        request.protocols[0].metadata = ByteBuffer(bytes: [0, 1, 0xFF])
        #expect(try brokers.joined(request).errorCode == .none)
        var new = ConsumerMember("new")
        #expect(try new.beat(&brokers).errorCode == .groupIDNotFound)
    }

    @Test mutating func `a member that heartbeats to a group of the other kind is told`() throws {
        var old = ClassicMember()
        #expect(old.join(&brokers) == ErrorCode.none)
        var new = ConsumerMember("new")
        new.epoch = 3
        #expect(try new.beat(&brokers).errorCode == .groupIDNotFound)
        #expect(try brokers.describeConsumers().errorCode == .groupIDNotFound)
    }

    /// Members of both protocols come, go, fall silent and change sides.
    @Test(arguments: UInt64(0)..<60)
    func `never gives a partition to two`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var brokers = VirtualCluster {
            $0.seed = seed
            $0.topics = [.init("t", partitions: 4)]
        }
        var old: [ClassicMember] = []
        var new: [ConsumerMember] = []
        for step in 0..<200 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0 where old.count < 3:
                old.append(
                    ClassicMember(
                        instance: [nil, "i1", "i2"].randomElement(using: &random) ?? nil, client: UInt64(step))
                )
            case 1 where new.count < 3:
                new.append(
                    ConsumerMember("n\(step)", instance: [nil, "i1", "i2"].randomElement(using: &random) ?? nil))
            case 2 where !old.isEmpty:
                let index = Int.random(in: 0..<old.count, using: &random)
                _ = brokers.leave("g", member: old[index].id, instance: old[index].instance)
                old.remove(at: index)
            case 3 where !new.isEmpty:
                let index = Int.random(in: 0..<new.count, using: &random)
                _ = try new[index].leave(&brokers, epoch: Bool.random(using: &random) ? -1 : -2)
                new.remove(at: index)
            case 4: brokers.pass(.seconds(Int64.random(in: 0...8, using: &random)))
            case 5...7 where !old.isEmpty:
                let index = Int.random(in: 0..<old.count, using: &random)
                switch old[index].id.isEmpty ? .rebalanceInProgress : old[index].beat(&brokers) {
                case .rebalanceInProgress: _ = old[index].join(&brokers)
                case .unknownMemberID, .fencedInstanceID, .illegalGeneration: old.remove(at: index)
                default: break
                }
            default:
                guard !new.isEmpty else { continue }
                try new[Int.random(in: 0..<new.count, using: &random)].beat(&brokers)
            }
            guard let group = brokers.cluster.groups[consumer: "g"] else { continue }
            var held = PartitionSet()
            for member in group.memberIDs.compactMap(group.member) {
                #expect(held.isDisjoint(with: member.held))
                held.formUnion(member.held)
            }
            #expect(group.owners.count == held.count)
        }
    }
}
