internal import KafkaProtocol
internal import NIOCore
internal import OrderedCollections

/// A member's request for its assignment; the leader's carries everyone's.
struct SyncCall: Sendable {
    var context: RequestContext
    var memberID: String
    var instanceID: String?
    var generation: Int32
    /// Nil in versions that do not say.
    var protocolType: String?
    var protocolName: String?
    var assignments: [(memberID: String, assignment: ByteBuffer)] = []
}

extension ClassicGroup {
    mutating func sync(_ call: SyncCall, now: Duration) -> [GroupReply] {
        var error = check(memberID: call.memberID, instanceID: call.instanceID)
        if error == .none, call.generation != generation { error = .illegalGeneration }
        if error == .none, !agrees(with: call) { error = .inconsistentGroupProtocol }
        guard error == .none else { return [.sync(call.context, .failure(error))] }

        switch state {
        case .empty:
            return [.sync(call.context, .failure(.unknownMemberID))]
        case .preparingRebalance:
            return [.sync(call.context, .failure(.rebalanceInProgress))]
        case .completingRebalance:
            var replies: [GroupReply] = []
            members.change(call.memberID) { member in
                if let former = member.waitingSync { replies.append(.sync(former, .failure(.rebalanceInProgress))) }
                member.waitingSync = call.context
            }
            markSynced(call.memberID)
            if call.memberID == leader { assign(call.assignments, now: now, replies: &replies) }
            return replies
        case .stable:
            markSynced(call.memberID)
            restartSession(call.memberID, now: now)
            return [.sync(call.context, assignment(of: call.memberID))]
        }
    }

    private func agrees(with call: SyncCall) -> Bool {
        (call.protocolType == nil || call.protocolType == protocolType)
            && (call.protocolName == nil || call.protocolName == protocolName)
    }

    private mutating func markSynced(_ memberID: String) {
        members.change(memberID) { $0.hasSynced = true }
        if members.values.allSatisfy(\.hasSynced) { syncDeadline = nil }
    }

    private func assignment(of memberID: String) -> SyncResult {
        SyncResult(
            protocolType: protocolType, protocolName: protocolName,
            assignment: members[memberID]?.assignment ?? ByteBuffer())
    }

    /// The leader has spoken: whoever it left out gets an empty assignment.
    private mutating func assign(
        _ assignments: [(memberID: String, assignment: ByteBuffer)], now: Duration, replies: inout [GroupReply]
    ) {
        for index in members.values.indices { members.values[index].assignment = ByteBuffer() }
        for (id, assignment) in assignments { members.change(id) { $0.assignment = assignment } }
        state = .stable
        for index in members.values.indices {
            guard let waiting = members.values[index].waitingSync.take() else { continue }
            members.values[index].restartSession(now: now)
            replies.append(.sync(waiting, assignment(of: members.keys[index])))
        }
    }
}
