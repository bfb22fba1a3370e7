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
            if let former = members[call.memberID]?.waitingSync {
                replies.append(.sync(former, .failure(.rebalanceInProgress)))
            }
            members[call.memberID]?.waitingSync = call.context
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
        members[memberID]?.hasSynced = true
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
        for id in members.keys { members[id]?.assignment = ByteBuffer() }
        for (id, assignment) in assignments { members[id]?.assignment = assignment }
        state = .stable
        for id in members.keys {
            guard let waiting = members[id]?.waitingSync else { continue }
            members[id]?.waitingSync = nil
            members[id]?.restartSession(now: now)
            replies.append(.sync(waiting, assignment(of: id)))
        }
    }
}
