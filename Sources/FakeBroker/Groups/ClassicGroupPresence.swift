internal import KafkaProtocol
internal import OrderedCollections

// How a member shows that it is there, says that it goes, and proves that it may commit.

extension ClassicGroup {
    mutating func heartbeat(memberID: String, instanceID: String?, generation: Int32, now: Duration) -> ErrorCode {
        let error = check(memberID: memberID, instanceID: instanceID)
        guard error == .none else { return error }
        guard generation == self.generation else { return .illegalGeneration }
        switch state {
        case .empty:
            return .unknownMemberID
        case .preparingRebalance:
            restartSession(memberID, now: now)
            return .rebalanceInProgress
        case .completingRebalance, .stable:
            restartSession(memberID, now: now)
            return .none
        }
    }

    /// One member goes. A static one may be named by its instance id alone.
    mutating func leave(memberID: String, instanceID: String?, now: Duration, replies: inout [GroupReply]) -> ErrorCode
    {
        if let instanceID {
            guard let holder = staticMembers[instanceID] else { return .unknownMemberID }
            guard memberID.isEmpty || holder == memberID else { return .fencedInstanceID }
            remove(holder, now: now, replies: &replies)
            return .none
        }
        if pendingMembers.removeValue(forKey: memberID) != nil {
            completeJoinPhaseIfAllJoined(now: now, replies: &replies)
            return .none
        }
        guard members[memberID] != nil else { return .unknownMemberID }
        remove(memberID, now: now, replies: &replies)
        return .none
    }

    /// May this commit be taken? A negative generation is a client that manages its partitions itself, which may
    /// commit while the group has no members.
    func checkCommit(memberID: String, instanceID: String?, generation: Int32) -> ErrorCode {
        if generation < 0, state == .empty { return .none }
        guard generation >= 0 || !memberID.isEmpty || instanceID != nil else { return .unknownMemberID }
        let error = check(memberID: memberID, instanceID: instanceID)
        guard error == .none else { return error }
        guard generation == self.generation else { return .illegalGeneration }
        return state == .completingRebalance ? .rebalanceInProgress : .none
    }
}
