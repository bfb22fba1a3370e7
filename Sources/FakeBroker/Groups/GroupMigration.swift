internal import KafkaProtocol
internal import NIOCore
internal import OrderedCollections

// From one protocol to the other while members stay: a classic group of consumers becomes a consumer group with the
// first member that speaks the consumer protocol, and goes back with the last. Source: KIP-848.

extension ConsumerGroup {
    /// Nil if the group is not one of consumers, or what its members told cannot be read.
    init?(upgrading group: ClassicGroup, settings: Settings, topics: Topics, now: Duration) {
        guard group.protocolType == ConsumerProtocol.type, group.members.count <= settings.maxSize else { return nil }
        var taken = PartitionSet()
        var members: [ConsumerGroupMember] = []
        for old in group.members.values {
            guard let preferred = old.protocols.first,
                let subscription = ConsumerProtocol.Subscription(preferred.metadata),
                let assignment = ConsumerProtocol.partitions(ofAssignment: old.assignment)
            else { return nil }
            var member = ConsumerGroupMember(id: old.id)
            member.instanceID = old.instanceID
            member.rack = subscription.rack
            member.clientID = old.clientID
            member.clientHost = old.clientHost
            member.rebalanceTimeout = old.rebalanceTimeout
            member.topicNames = Array(Set(subscription.topics)).sorted()
            member.epoch = group.generation
            member.previousEpoch = group.generation
            // A leader may have given a partition to two, or one that is not there.
            let had = assignment.compactMap { partition in
                topics[partition.topic].map { TopicIDPartition(topicID: $0.id, partition: partition.partition) }
            }
            member.assigned = PartitionSet(had).subtracting(taken)
            member.target = member.assigned
            taken.formUnion(member.assigned)
            member.sessionDeadline = now + old.sessionTimeout
            member.classic = ConsumerGroupMember.Classic(
                sessionTimeout: old.sessionTimeout, protocols: old.protocols)
            members.append(member)
        }
        self.init(id: group.id, settings: settings, epoch: group.generation, members: members)
    }
}

extension ClassicGroup {
    /// A group whose members all speak this protocol by now, with what they had.
    init(downgrading group: ConsumerGroup, settings: Settings, topics: Topics, now: Duration) {
        self.init(id: group.id, settings: settings)
        generation = group.epoch
        protocolType = ConsumerProtocol.type
        state = .stable
        for old in group.members.values {
            guard let classic = old.classic else { continue }
            var member = ClassicGroupMember(
                id: old.id, instanceID: old.instanceID, clientID: old.clientID, clientHost: old.clientHost,
                sessionTimeout: classic.sessionTimeout, rebalanceTimeout: old.rebalanceTimeout,
                protocols: classic.protocols, deadline: now + classic.sessionTimeout)
            member.assignment = old.classicAssignment(topics)
            member.isNew = false
            members[member.id] = member
            if let instanceID = member.instanceID { staticMembers[instanceID] = member.id }
        }
        leader = members.keys.first
        protocolName = members.values.first?.protocols.first?.name
    }

    /// Lets go of all that wait, and has them join anew.
    mutating func interrupt() -> [GroupReply] {
        var replies: [GroupReply] = []
        for member in members.values {
            if let waiting = member.waitingJoin {
                replies.append(.join(waiting, .failure(.rebalanceInProgress, memberID: member.id)))
            }
            if let waiting = member.waitingSync { replies.append(.sync(waiting, .failure(.rebalanceInProgress))) }
            members[member.id]?.waitingJoin = nil
            members[member.id]?.waitingSync = nil
        }
        return replies
    }
}

extension Cluster {
    /// Makes sure that a consumer group of this id is there for a member that joins, if that can be.
    ///
    /// - Parameter replies: get what members of the former group are told.
    mutating func makeConsumerGroup(_ id: String, replies: inout [GroupReply]) -> ConsumerGroupRefusal? {
        guard let classic = groups[id] else {
            if groups.kind(of: id) == .consumer { return nil }
            guard !groups.exists(id) else { return notConsumerGroup(id) }
            groups.put(ConsumerGroup(id: id, settings: groups.settings.consumer))
            return nil
        }
        if classic.state == .empty {
            groups.put(ConsumerGroup(id: id, settings: groups.settings.consumer))
            return nil
        }
        guard settings.consumerGroups.migration.allowsUpgrade,
            let upgraded = ConsumerGroup(
                upgrading: classic, settings: groups.settings.consumer, topics: topics, now: now.elapsed)
        else { return notConsumerGroup(id) }
        replies += groups[id]?.interrupt() ?? []
        groups.put(upgraded)
        return nil
    }

    func notConsumerGroup(_ id: String) -> ConsumerGroupRefusal {
        ConsumerGroupRefusal(code: .groupIDNotFound, message: "'\(id)' is not a consumer group.")
    }

    /// Turns a consumer group back whose last member of its protocol has gone.
    ///
    /// - Parameter rebalances: not if a member has just come back to what it had.
    mutating func downgradeIfDue(_ id: String, rebalances: Bool, replies: inout [GroupReply]) {
        guard settings.consumerGroups.migration.allowsDowngrade, let group = groups[consumer: id],
            group.hasOnlyClassicMembers, group.members.count <= groups.settings.classic.maxSize
        else { return }
        groups.put(
            ClassicGroup(
                downgrading: group, settings: groups.settings.classic, topics: topics, now: now.elapsed))
        if rebalances { groups[id]?.prepareRebalance(now: now.elapsed, replies: &replies) }
    }
}
