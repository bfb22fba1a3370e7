// Membership: finding the coordinator, joining, sharing out, heartbeats, and what is given back or lost.

import DequeModule
import Kafka
import KafkaProtocol
import Simulation

extension SimulatedConsumer {
    // MARK: Coordinator

    func findCoordinator() {
        guard !isFinding, !isOver else { return }
        isFinding = true
        if state == .idle { state = .finding }
        coordinator?.close()
        coordinator = nil
        guard let link = anyConnection() else { return findAgain() }
        var request = FindCoordinatorRequest()
        request.key = SimulatedBrokers.group
        link.call(.findCoordinator(request), version: 2, timeout: settings.requestTimeout) { [self] result in
            guard !isOver else { return }
            guard case .success(.findCoordinator(let response)) = result, response.errorCode == .none,
                let connection = brokers.connect(from: node, to: response.nodeID, client: identity)
            else { return findAgain() }
            isFinding = false
            coordinator = connection
            connection.whenClosed { [self] in
                coordinator = nil
                findCoordinator()
            }
            sendWaitingCommits()
            switch state {
            case .finding, .joining, .syncing: join()
            case .idle, .steady, .revoking, .closing, .closed: break
            }
        }
    }

    private func findAgain() {
        after(.milliseconds(500)) { [self] in
            isFinding = false
            findCoordinator()
        }
    }

    // MARK: Join and sync

    func join() {
        guard !isOver, state != .closing, state != .revoking else { return }
        attempt += 1
        state = .joining
        guard let coordinator, coordinator.isOpen else { return findCoordinator() }
        let attempt = attempt
        var request = JoinGroupRequest()
        request.groupID = SimulatedBrokers.group
        request.memberID = memberID
        request.sessionTimeoutMs = Int32(settings.sessionTimeout / .milliseconds(1))
        request.rebalanceTimeoutMs = Int32(settings.rebalanceTimeout / .milliseconds(1))
        request.protocolType = "consumer"
        var assignor = JoinGroupRequest.JoinGroupRequestProtocol()
        assignor.name = settings.isCooperative ? "cooperative-sticky" : "range"
        assignor.metadata =
            Subscription(topics: topics, owned: settings.isCooperative ? held.map(\.partition) : []).bytes
        request.protocols = [assignor]
        let timeout = settings.rebalanceTimeout + .seconds(3)
        coordinator.call(.joinGroup(request), version: 5, timeout: timeout) { [self] result in
            guard attempt == self.attempt, state == .joining else { return }
            // A connection that ends leads to another coordinator, and that to another join.
            guard case .success(.joinGroup(let response)) = result else { return }
            joined(response)
        }
    }

    private func joined(_ response: JoinGroupResponse) {
        switch response.errorCode {
        case .none:
            memberID = response.memberID
            generation = response.generationID
            lastHeartbeat = executor.now
            sync(response)
        case .memberIDRequired:
            memberID = response.memberID
            // Who is asked is none any more: as librdkafka does, it lets go of what it still held.
            if held.isEmpty { join() } else { loseAll() }
        case .unknownMemberID:
            memberID = ""
            joinLater()
        case .notCoordinator, .coordinatorNotAvailable, .coordinatorLoadInProgress: findCoordinator()
        default: joinLater()
        }
    }

    private func joinLater() {
        let attempt = attempt
        after(.milliseconds(200)) { [self] in
            if attempt == self.attempt, state == .joining || state == .syncing { join() }
        }
    }

    private func sync(_ response: JoinGroupResponse) {
        guard let coordinator, coordinator.isOpen else { return findCoordinator() }
        state = .syncing
        let attempt = attempt
        guard response.leader != memberID || knowsTopics(response) else {
            // Who shares out asks for the partitions first.
            refreshMetadata()
            after(.milliseconds(100)) { [self] in
                if attempt == self.attempt, state == .syncing { sync(response) }
            }
            return
        }
        var request = SyncGroupRequest()
        request.groupID = SimulatedBrokers.group
        request.memberID = memberID
        request.generationID = generation
        if response.leader == memberID { request.assignments = assignments(response) }
        let timeout = settings.rebalanceTimeout + .seconds(3)
        coordinator.call(.syncGroup(request), version: 3, timeout: timeout) { [self] result in
            guard attempt == self.attempt, state == .syncing else { return }
            guard case .success(.syncGroup(let response)) = result else { return }
            synced(response)
        }
    }

    private func knowsTopics(_ response: JoinGroupResponse) -> Bool {
        let known = Set(leaders.keys.map(\.topic))
        return response.members.allSatisfy { member in
            Subscription(member.metadata)?.topics.allSatisfy(known.contains) ?? true
        }
    }

    private func assignments(_ response: JoinGroupResponse) -> [SyncGroupRequest.SyncGroupRequestAssignment] {
        let members = response.members.map {
            Assignor.Member(
                id: $0.memberID, subscription: Subscription($0.metadata) ?? Subscription(topics: [], owned: []))
        }
        let wanted = Set(members.flatMap(\.subscription.topics))
        let partitions = leaders.keys.filter { wanted.contains($0.topic) }.sorted()
        let shares =
            settings.isCooperative
            ? Assignor.cooperativeSticky(members, partitions) : Assignor.range(members, partitions)
        return zip(members, shares).map { member, share in
            var assignment = SyncGroupRequest.SyncGroupRequestAssignment()
            assignment.memberID = member.id
            assignment.assignment = AssignmentBytes.bytes(share)
            return assignment
        }
    }

    private func synced(_ response: SyncGroupResponse) {
        switch response.errorCode {
        case .none:
            lastHeartbeat = executor.now
            take(AssignmentBytes.partitions(response.assignment))
        case .unknownMemberID:
            memberID = ""
            loseAllOrJoin()
        case .illegalGeneration: loseAllOrJoin()
        case .notCoordinator, .coordinatorNotAvailable, .coordinatorLoadInProgress: findCoordinator()
        default: joinLater()
        }
    }

    private func loseAllOrJoin() {
        generation = -1
        if held.isEmpty { joinLater() } else { loseAll() }
    }

    /// The group gives these partitions; what is held beside them goes back first, and then there is another round.
    private func take(_ partitions: [TopicPartition]) {
        state = .steady
        let removed = held.map(\.partition).filter { !partitions.contains($0) }
        let added = partitions.filter { position(of: $0) == nil }
        guard !removed.isEmpty else {
            assign(added)
            return
        }
        state = .revoking
        revoke(removed) { [self] in
            state = .steady
            assign(added)
            if hasLostPartitions { loseAll() } else { rejoin() }
        }
    }

    private func assign(_ partitions: [TopicPartition]) {
        guard !partitions.isEmpty || held.isEmpty else { return }
        epoch += 1
        for index in held.indices { held[index].isPaused = false }
        for partition in partitions { held.append(Held(partition: partition, epoch: epoch)) }
        held.sort { $0.partition < $1.partition }
        onEvent(.assigned(partitions.sorted(), epoch: epoch))
        fetchCommittedOffsets()
        serveFetches()
    }

    // MARK: Giving back

    /// Hands out nothing of them from now on, waits for the commits under way, and gives them back.
    func revoke(_ partitions: [TopicPartition], then: @escaping () -> Void) {
        revoking = partitions
        afterRevocation = then
        for index in held.indices where partitions.contains(held[index].partition) {
            held[index].isLeaving = true
            held[index].queue = []
        }
        graceEnd = executor.now + clock.trueDuration(of: settings.commitGrace)
        after(settings.commitGrace) { [self] in serveRevocation() }
        serveRevocation()
    }

    /// Called whenever a commit has been answered.
    func serveRevocation() {
        guard let graceEnd, afterRevocation != nil else { return }
        guard hasNoCommits || executor.now >= graceEnd else { return }
        self.graceEnd = nil
        let stored = held.filter { revoking.contains($0.partition) }
        remove(revoking, isLost: false)
        revoking = []
        commitStored(of: stored) { [self] in
            let then = afterRevocation
            afterRevocation = nil
            then?()
        }
    }

    private func remove(_ partitions: [TopicPartition], isLost: Bool) {
        held.removeAll { partitions.contains($0.partition) }
        epoch += 1
        for index in held.indices { held[index].isPaused = false }
        onEvent(.revoked(partitions.sorted(), isLost: isLost, epoch: epoch))
    }

    /// This member is none any more: what it held may be another's already.
    func loseAll() {
        guard !isOver, state != .closing else { return }
        generation = -1
        guard state != .revoking else {
            hasLostPartitions = true
            return
        }
        hasLostPartitions = false
        if !held.isEmpty { remove(held.map(\.partition), isLost: true) }
        if settings.staysOutWhenLost {
            state = .idle
            return
        }
        state = .steady
        rejoin()
    }

    /// As librdkafka does once partitions went: not before all commits are answered (`rd_kafka_assignment_serve`).
    private func rejoin() {
        if commits.isEmpty { join() } else { isJoinDue = true }
    }

    func joinOnceAnswered() {
        guard isJoinDue, commits.isEmpty else { return }
        isJoinDue = false
        if state == .steady { join() }
    }

    // MARK: Heartbeats

    func beatAtIntervals() {
        after(settings.heartbeatInterval) { [self] in
            beat()
            beatAtIntervals()
        }
    }

    private func beat() {
        guard state == .steady || state == .revoking, generation >= 0 else { return }
        if executor.now - lastHeartbeat > clock.trueDuration(of: settings.sessionTimeout) {
            // librdkafka's own watch over the session: it joins anew, as a new member.
            memberID = ""
            loseAll()
            return
        }
        guard let coordinator, coordinator.isOpen else { return findCoordinator() }
        guard !isHeartbeatUnderWay else { return }
        isHeartbeatUnderWay = true
        var request = HeartbeatRequest()
        request.groupID = SimulatedBrokers.group
        request.memberID = memberID
        request.generationID = generation
        let generation = generation
        coordinator.call(.heartbeat(request), version: 3, timeout: settings.requestTimeout) { [self] result in
            isHeartbeatUnderWay = false
            guard generation == self.generation, state == .steady || state == .revoking else { return }
            guard case .success(.heartbeat(let response)) = result else { return }
            heard(response.errorCode)
        }
    }

    private func heard(_ error: KafkaProtocol.ErrorCode) {
        switch error {
        case .none: lastHeartbeat = executor.now
        case .rebalanceInProgress: rebalance()
        case .illegalGeneration: loseAll()
        case .unknownMemberID:
            memberID = ""
            loseAll()
        case .notCoordinator, .coordinatorNotAvailable, .coordinatorLoadInProgress: findCoordinator()
        default: break
        }
    }

    /// The group shares out anew. Who is cooperative keeps what it has meanwhile.
    private func rebalance() {
        lastHeartbeat = executor.now
        guard state == .steady else { return }
        guard !settings.isCooperative, !held.isEmpty else { return join() }
        state = .revoking
        revoke(held.map(\.partition)) { [self] in
            state = .steady
            if hasLostPartitions { loseAll() } else { rejoin() }
        }
    }
}
