import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// Groups whose assignment the brokers make, as their members see them.
@Suite struct `Consumer group` {
    private var brokers = VirtualCluster { $0.topics = [.init("t", partitions: 4), .init("u", partitions: 2)] }
    private var a = ConsumerMember("a")
    private var b = ConsumerMember("b")

    private mutating func settled(_ members: ConsumerMember...) throws -> [ConsumerMember] {
        var members = members
        try brokers.settle(&members)
        return members
    }

    // MARK: From one assignment to the next

    @Test mutating func `the first member gets everything at once`() throws {
        let answer = try a.beat(&brokers)
        #expect(answer.errorCode == .none)
        #expect(answer.memberID == "a")
        #expect(answer.memberEpoch == 1)
        #expect(answer.heartbeatIntervalMs == 5000)
        #expect(a.partitions == [0, 1, 2, 3])
        // It says that it has them; then there is nothing more to tell.
        try a.beat(&brokers)
        #expect(try a.beat(&brokers).assignment == nil)
    }

    @Test mutating func `a partition goes to its next owner only when the former has given it up`() throws {
        try a.beat(&brokers)
        try b.beat(&brokers)
        #expect((b.epoch, b.partitions) == (2, []))
        // The first is told to give two up, and goes on in its epoch until it has.
        let revocation = try a.beat(&brokers)
        #expect((revocation.memberEpoch, a.partitions.count) == (1, 2))
        try b.beat(&brokers)
        #expect(b.partitions == [])
        #expect(try brokers.describeConsumers().groupState == "Reconciling")
        // It says that it has.
        try a.beat(&brokers)
        #expect(a.epoch == 2)
        try b.beat(&brokers)
        #expect(Set(a.partitions + b.partitions) == [0, 1, 2, 3])
        #expect(try brokers.describeConsumers().groupState == "Stable")
    }

    @Test mutating func `uniform leaves with members what they have`() throws {
        var members = try settled(a, b)
        let former = members.map(\.owned)
        members.append(ConsumerMember("c"))
        try brokers.settle(&members)
        #expect(members.map(\.owned.count).sorted() == [1, 1, 2])
        #expect(members[0].owned.isSubset(of: former[0]))
        #expect(members[1].owned.isSubset(of: former[1]))
    }

    @Test mutating func `range gives neighbours, by the order of the ids`() throws {
        a.assignor = "range"
        b.assignor = "range"
        a.topics = ["t", "u"]
        b.topics = ["t", "u"]
        let members = try settled(b, a)
        #expect(members.map(\.partitions) == [[1, 2, 3], [0, 0, 1]])
        #expect(try brokers.describeConsumers().assignorName == "range")
    }

    @Test mutating func `members that want different topics get those, evenly`() throws {
        a.topics = ["t", "u"]
        b.topics = ["u"]
        let members = try settled(a, b)
        #expect(members.map(\.owned.count) == [4, 2])
        #expect(Set(members[0].owned.map(\.topicID)).count == 1)
    }

    @Test mutating func `a member that leaves lets the others have what it had`() throws {
        var members = try settled(a, b)
        #expect(try members[0].leave(&brokers) == .none)
        #expect(try brokers.describeConsumers().groupState == "Assigning")
        members.removeFirst()
        try brokers.settle(&members)
        #expect(members[0].partitions == [0, 1, 2, 3])
    }

    @Test mutating func `a member that changes what it wants begins a new epoch`() throws {
        try a.beat(&brokers)
        a.topics = ["u"]
        a.mustTell = true
        try a.beat(&brokers)
        try a.beat(&brokers)
        #expect((a.epoch, a.partitions) == (2, [0, 1]))
        // An empty list is a member that wants nothing.
        a.topics = []
        a.mustTell = true
        try a.beat(&brokers)
        try a.beat(&brokers)
        #expect((a.epoch, a.partitions) == (3, []))
    }

    // MARK: Topics change under it

    @Test mutating func `topics that come, grow and go reach members with their heartbeats`() throws {
        a.topics = ["t", "later"]
        try a.beat(&brokers)
        #expect(a.owned.count == 4)
        _ = brokers.change { cluster, _, _ in cluster.createTopic("later", partitions: 3, replicationFactor: 1) }
        try a.beat(&brokers)
        #expect((a.epoch, a.owned.count) == (2, 7))
        _ = brokers.change { cluster, _, effects in cluster.deleteTopic("t", effects: &effects) }
        try a.beat(&brokers)
        try a.beat(&brokers)
        #expect((a.epoch, a.owned.count) == (3, 3))
    }

    @Test mutating func `a pattern takes the topics that match as a whole, and those that come later`() throws {
        a.topics = nil
        a.pattern = "t|tx.*"
        try a.beat(&brokers)
        #expect(a.owned.count == 4)
        for name in ["tx-1", "at"] {
            _ = brokers.change { cluster, _, _ in cluster.createTopic(name, partitions: 1, replicationFactor: 1) }
        }
        try a.beat(&brokers)
        #expect(a.owned.count == 5)
        #expect(try brokers.describeConsumers().members[0].subscribedTopicRegex == "t|tx.*")
        // An empty one takes it back.
        a.pattern = ""
        a.topics = ["u"]
        a.mustTell = true
        try a.beat(&brokers)
        try a.beat(&brokers)
        #expect(a.owned.count == 2)
    }

    @Test mutating func `a bad pattern is refused with the place where it is bad`() throws {
        a.pattern = "(a"
        let answer = try a.beat(&brokers)
        #expect(answer.errorCode == .invalidRegularExpression)
        #expect(answer.errorMessage == "'(a' is not a regular expression: missing ')', at 2.")
        #expect(!brokers.cluster.groups.exists("g"))
    }

    // MARK: Epochs

    @Test mutating func `who has another epoch than it should is fenced, and may begin anew`() throws {
        try a.beat(&brokers)
        var ahead = a
        ahead.epoch = 2
        #expect(try ahead.beat(&brokers).errorCode == .fencedMemberEpoch)
        #expect(try ahead.beat(&brokers).errorCode == .none)
        #expect((ahead.epoch, ahead.partitions) == (1, [0, 1, 2, 3]))
        var stranger = ConsumerMember("stranger")
        stranger.epoch = 1
        #expect(try stranger.beat(&brokers).errorCode == .unknownMemberID)
    }

    @Test mutating func `a member that missed an answer may be an epoch behind`() throws {
        try a.beat(&brokers)
        a.topics = ["t", "u"]
        a.mustTell = true
        var lost = a
        try lost.beat(&brokers)
        #expect(lost.epoch == 2)
        #expect(try a.beat(&brokers).errorCode == .none)
        #expect((a.epoch, a.owned.count) == (2, 6))
        // Not if it does not say what it has, or has more than it should.
        var silent = a
        silent.epoch = 1
        silent.mustTell = false
        #expect(try silent.beat(&brokers).errorCode == .fencedMemberEpoch)
    }

    @Test mutating func `only a member at its epoch commits and asks for offsets`() throws {
        try a.beat(&brokers)
        #expect(brokers.commit(5, group: "g", member: "a", epoch: 1) == ErrorCode.none)
        #expect(brokers.commit(6, group: "g", member: "a", epoch: 0) == .staleMemberEpoch)
        #expect(brokers.commit(6, group: "g", member: "a", epoch: 2) == .staleMemberEpoch)
        #expect(brokers.commit(6, group: "g", member: "x", epoch: 1) == .unknownMemberID)
        #expect(brokers.commit(6, group: "g") == .unknownMemberID)
        #expect(brokers.commit(6, group: "g", member: "a", epoch: 1, version: 8) == .unsupportedVersion)
        #expect(brokers.commit(6, group: "absent", member: "a", epoch: 1) == .groupIDNotFound)
        #expect(brokers.commit(6, group: "absent", member: "a", epoch: 1, version: 8) == .illegalGeneration)
        #expect(brokers.committed("g") == 5)
        #expect(try fetchError(member: "a", epoch: 1) == .none)
        #expect(try fetchError(member: nil, epoch: -1) == .none)
        #expect(try fetchError(member: "a", epoch: 2) == .staleMemberEpoch)
        #expect(try fetchError(member: "x", epoch: 1) == .unknownMemberID)
        _ = try a.leave(&brokers)
        #expect(brokers.commit(7, group: "g") == ErrorCode.none)
    }

    private mutating func fetchError(member: String?, epoch: Int32) throws -> ErrorCode {
        var request = OffsetFetchRequest()
        var group = OffsetFetchRequest.OffsetFetchRequestGroup()
        group.groupID = "g"
        group.memberID = member
        group.memberEpoch = epoch
        request.groups = [group]
        let answer = brokers.send(.offsetFetch(request), version: 9)
        guard case .offsetFetch(let response) = answer else { throw UnexpectedAnswer(answer) }
        return response.groups[0].errorCode
    }

    // MARK: Time

    @Test mutating func `a silent member is given up after the session timeout`() throws {
        var members = try settled(a, b)
        let former = try brokers.describeConsumers().groupEpoch
        brokers.pass(.seconds(30))
        try members[1].beat(&brokers)
        brokers.pass(.seconds(15) - .nanoseconds(1))
        #expect(brokers.cluster.groups[consumer: "g"]?.memberIDs == ["a", "b"])
        brokers.pass(.nanoseconds(1))
        #expect(brokers.cluster.groups[consumer: "g"]?.memberIDs == ["b"])
        #expect(try brokers.describeConsumers().groupEpoch == former + 1)
        try members[1].beat(&brokers)
        #expect(members[1].partitions == [0, 1, 2, 3])
        #expect(try members[0].beat(&brokers).errorCode == .unknownMemberID)
    }

    @Test mutating func `a member that does not give up in its rebalance timeout is out`() throws {
        a.rebalanceTimeoutMs = 20_000
        try a.beat(&brokers)
        try b.beat(&brokers)
        var stubborn = a
        try a.beat(&brokers)
        for _ in 0..<3 {
            brokers.pass(.seconds(5))
            stubborn.mustTell = true
            _ = brokers.send(.consumerGroupHeartbeat(stubborn.request))
            try b.beat(&brokers)
        }
        #expect(b.partitions == [])
        #expect(brokers.cluster.groups[consumer: "g"]?.memberIDs == ["a", "b"])
        brokers.pass(.seconds(5))
        #expect(brokers.cluster.groups[consumer: "g"]?.memberIDs == ["b"])
        try b.beat(&brokers)
        #expect(b.partitions == [0, 1, 2, 3])
    }

    @Test func `timeouts and intervals are settings`() throws {
        var brokers = VirtualCluster {
            $0.topics = [.init("t")]
            $0.consumerGroups.sessionTimeout = .seconds(1)
            $0.consumerGroups.heartbeatInterval = .milliseconds(100)
        }
        var a = ConsumerMember("a")
        #expect(try a.beat(&brokers).heartbeatIntervalMs == 100)
        brokers.pass(.seconds(1))
        #expect(brokers.cluster.groups[consumer: "g"]?.memberIDs == [])
    }

    // MARK: Static members

    @Test mutating func `a static member that goes for a while finds what it had`() throws {
        a.instance = "i"
        var members = try settled(a, b)
        let had = members[0].owned
        let epoch = try brokers.describeConsumers().groupEpoch
        #expect(try members[0].leave(&brokers, epoch: -2) == .none)
        try members[1].beat(&brokers)
        #expect(members[1].owned.count == 2)
        members[0] = ConsumerMember("a2", instance: "i")
        try members[0].beat(&brokers)
        #expect(members[0].owned == had)
        #expect(members[0].epoch == epoch)
        #expect(try brokers.describeConsumers().groupEpoch == epoch)
    }

    @Test mutating func `a static member that stays away is given up`() throws {
        a.instance = "i"
        var members = try settled(a, b)
        _ = try members[0].leave(&brokers, epoch: -2)
        for _ in 0..<9 {
            brokers.pass(.seconds(5))
            try members[1].beat(&brokers)
        }
        try members[1].beat(&brokers)
        #expect(members[1].owned.count == 4)
    }

    @Test mutating func `an instance id is not given to another while its member is there`() throws {
        a.instance = "i"
        try a.beat(&brokers)
        var other = ConsumerMember("other", instance: "i")
        #expect(try other.beat(&brokers).errorCode == .unreleasedInstanceID)
        other.epoch = 1
        #expect(try other.beat(&brokers).errorCode == .fencedInstanceID)
        #expect(try other.leave(&brokers) == .fencedInstanceID)
        var unknown = ConsumerMember("a", instance: "unknown")
        unknown.epoch = 1
        #expect(try unknown.beat(&brokers).errorCode == .unknownMemberID)
    }

    // MARK: What is not accepted

    private typealias Change = @Sendable (inout ConsumerGroupHeartbeatRequest) -> Void

    private static let nonsense: [(what: String, change: Change)] = [
        ("no member id", { $0.memberID = "" }),
        ("an epoch below -2", { $0.memberEpoch = -3 }),
        ("no rebalance timeout", { $0.rebalanceTimeoutMs = -1 }),
        ("no topics", { $0.subscribedTopicNames = nil }),
        ("partitions unknown", { $0.topicPartitions = nil }),
        ("an empty instance id", { $0.instanceID = "" }),
        ("an empty rack", { $0.rackID = "" }),
        ("no group", { $0.groupID = "" }),
        ("away without an instance", { $0.memberEpoch = -2 }),
    ]

    @Test(arguments: nonsense.indices)
    mutating func `a request without sense is invalid`(index: Int) throws {
        let (what, change) = Self.nonsense[index]
        var request = a.request
        change(&request)
        guard case .consumerGroupHeartbeat(let answer) = brokers.send(.consumerGroupHeartbeat(request)) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(answer.errorCode == .invalidRequest, "\(what)")
        #expect(answer.errorMessage?.isEmpty == false)
        #expect(!brokers.cluster.groups.exists("g"))
    }

    @Test mutating func `version 0 lets the coordinator choose the id`() throws {
        a.id = ""
        let answer = try a.beat(&brokers, version: 0)
        #expect(answer.memberID?.isEmpty == false)
        #expect(answer.memberEpoch == 1)
    }

    @Test mutating func `an assignor that is not there is refused by name`() throws {
        a.assignor = "sticky"
        let answer = try a.beat(&brokers)
        #expect(answer.errorCode == .unsupportedAssignor)
        #expect(answer.errorMessage == "The assignor 'sticky' is not known; uniform, range are.")
    }

    @Test func `the group takes members to its limit and no more`() throws {
        var brokers = VirtualCluster {
            $0.topics = [.init("t")]
            $0.limits.groupMembers = 1
        }
        var a = ConsumerMember("a")
        var b = ConsumerMember("b")
        #expect(try a.beat(&brokers).errorCode == .none)
        #expect(try b.beat(&brokers).errorCode == .groupMaxSizeReached)
        #expect(try a.beat(&brokers).errorCode == .none)
    }

    // MARK: Administration

    @Test mutating func `it is described, listed and deleted`() throws {
        a.instance = "i"
        _ = try settled(a, b)
        let group = try brokers.describeConsumers()
        #expect((group.groupState, group.assignorName) == ("Stable", "uniform"))
        #expect(group.groupEpoch == group.assignmentEpoch)
        #expect(group.members.map(\.memberID) == ["a", "b"])
        #expect(group.members.map(\.instanceID) == ["i", nil])
        #expect(group.members.map(\.memberType) == [1, 1])
        #expect(group.members.map(\.subscribedTopicNames) == [["t"], ["t"]])
        #expect(group.members.allSatisfy { $0.assignment.topicPartitions.map(\.topicName) == ["t"] })
        for member in group.members {
            #expect(
                member.assignment.topicPartitions.map(\.partitions)
                    == member.targetAssignment.topicPartitions.map(\.partitions))
        }
        #expect(try brokers.list(states: ["stable"], types: ["consumer"]).map(\.groupID) == ["g"])
        #expect(try brokers.describe("g").errorCode == .groupIDNotFound)
        #expect(try brokers.describeConsumers("absent").errorCode == .groupIDNotFound)
        #expect(try brokers.delete("g") == [.nonEmptyGroup])
        #expect(try brokers.deleteOffset("g") == .groupSubscribedToTopic)
        _ = try a.leave(&brokers)
        _ = try b.leave(&brokers)
        #expect(try brokers.describeConsumers().groupState == "Empty")
        #expect(try brokers.delete("g") == [.none])
    }
}
