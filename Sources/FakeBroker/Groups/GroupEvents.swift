internal import KafkaProtocol
internal import NIOCore

// What the group handlers share: who coordinates, and how a group's replies and timers get out of it.

extension Cluster {
    /// May the broker that was asked speak for this group?
    func coordinatorError(_ group: String, broker: Int32) -> ErrorCode {
        guard !group.isEmpty else { return .invalidGroupID }
        guard let coordinator = brokers.coordinator(for: group) else { return .coordinatorNotAvailable }
        return coordinator.id == broker ? .none : .notCoordinator
    }

    /// May this client do so with the group, and is it at the right broker?
    func groupError(_ operation: FakeBroker.ACL.Operation, _ group: String, _ context: RequestContext) -> ErrorCode {
        authorize(operation, .group(group), context)
            ? coordinatorError(group, broker: context.broker) : .groupAuthorizationFailed
    }

    /// Sends what a group's event has let go, and sees to its next deadline.
    mutating func finish(_ group: String, _ replies: [GroupReply], effects: inout Effects) {
        for waiting in replies {
            switch waiting {
            case .join(let context, let result):
                reply(to: context, .joinGroup(JoinGroupResponse(result)), error: result.error, effects: &effects)
            case .sync(let context, let result):
                reply(to: context, .syncGroup(SyncGroupResponse(result)), error: result.error, effects: &effects)
            }
        }
        if let deadline = groups.deadlineWithoutTimer(group) { timers.set(.group(group), at: deadline) }
        watchRetention(of: group)
    }

    mutating func expireGroup(_ id: String, effects: inout Effects) {
        groups.timerFired(id)
        if groups.kind(of: id) == .share {
            expireShareGroup(id, effects: &effects)
            return finish(id, [], effects: &effects)
        }
        var replies = groups[id]?.expire(now: now.elapsed) ?? []
        if groups.kind(of: id) == .consumer {
            groups[consumer: id]?.expire(now: now.elapsed)
            downgradeIfDue(id, rebalances: true, replies: &replies)
        }
        finish(id, replies, effects: &effects)
    }
}

extension ByteBuffer {
    /// A copy in memory of its own: what a group keeps must not pin the bytes of the connection.
    func compacted() -> ByteBuffer {
        ByteBuffer(bytes: readableBytesView)
    }
}
