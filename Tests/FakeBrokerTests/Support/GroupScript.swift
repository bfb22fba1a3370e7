import KafkaProtocol
import NIOCore

@testable import FakeBroker

/// Plays a group's events in virtual time and writes its replies as lines, so that a test reads as a transcript.
///
/// A member's name is its id, unless it is told otherwise.
struct GroupScript {
    var group: ClassicGroup
    var now: Duration = .zero

    init(_ settings: ClassicGroup.Settings = ClassicGroup.Settings()) {
        group = ClassicGroup(id: "group", settings: settings)
    }

    static let session = Duration.seconds(10)
    static let rebalance = Duration.seconds(60)

    /// A first join; `as` is the id that the group may give.
    mutating func join(
        _ name: String, as fresh: String? = nil, instance: String? = nil, protocols: [String] = ["range"],
        metadata: String = "", knowsIDs: Bool = false, canSkip: Bool = true
    ) -> [String] {
        var call = call(name, protocols: protocols, metadata: metadata)
        call.instanceID = instance
        call.freshMemberID = fresh ?? name
        call.mustKnowMemberID = knowsIDs
        call.canSkipAssignment = canSkip
        return group.join(call, now: now).map(line)
    }

    /// A join with the id that the member has.
    mutating func rejoin(
        _ name: String, instance: String? = nil, protocols: [String] = ["range"], metadata: String = ""
    ) -> [String] {
        var call = call(name, protocols: protocols, metadata: metadata)
        call.memberID = name
        call.instanceID = instance
        return group.join(call, now: now).map(line)
    }

    mutating func sync(
        _ name: String, generation: Int32, instance: String? = nil, assign: [(String, String)] = []
    ) -> [String] {
        let call = SyncCall(
            context: context(name), memberID: name, instanceID: instance, generation: generation,
            assignments: assign.map { ($0.0, ByteBuffer(string: $0.1)) })
        return group.sync(call, now: now).map(line)
    }

    mutating func heartbeat(_ name: String, generation: Int32, instance: String? = nil) -> String {
        group.heartbeat(memberID: name, instanceID: instance, generation: generation, now: now).description
    }

    mutating func leave(_ name: String, instance: String? = nil) -> [String] {
        var replies: [GroupReply] = []
        let error = group.leave(memberID: name, instanceID: instance, now: now, replies: &replies)
        return (error == .none ? [] : ["\(name) \(error)"]) + replies.map(line)
    }

    func commit(_ name: String, generation: Int32) -> String {
        group.checkCommit(memberID: name, instanceID: nil, generation: generation).description
    }

    /// Lets time pass, carrying out each deadline when it comes.
    mutating func pass(_ duration: Duration) -> [String] {
        let end = now + duration
        var lines: [String] = []
        while let deadline = group.nextDeadline, deadline <= end {
            now = max(now, deadline)
            lines += group.expire(now: now).map(line)
        }
        now = end
        return lines
    }

    /// Members `names` in a stable generation 1, led by the first; each is assigned its own name.
    static func stable(_ names: [String], settings: ClassicGroup.Settings = .init()) -> GroupScript {
        var script = GroupScript(settings)
        for name in names { _ = script.join(name) }
        // Whoever joined before the last is asked to join again.
        for name in names where script.group.state != .completingRebalance { _ = script.rejoin(name) }
        for name in names.dropFirst() { _ = script.sync(name, generation: script.group.generation) }
        _ = script.sync(
            names[0], generation: script.group.generation, assign: names.map { ($0, "assignment of \($0)") })
        return script
    }

    private func context(_ name: String) -> RequestContext {
        RequestContext(
            connection: ConnectionID(1), broker: 1, apiKey: .joinGroup, apiVersion: 9, correlationID: 0,
            clientID: name)
    }

    private func call(_ name: String, protocols: [String], metadata: String) -> JoinCall {
        JoinCall(
            context: context(name), memberID: "", instanceID: nil, sessionTimeout: Self.session,
            rebalanceTimeout: Self.rebalance, protocolType: "consumer",
            protocols: protocols.map { GroupProtocol(name: $0, metadata: ByteBuffer(string: metadata)) },
            mustKnowMemberID: false, canSkipAssignment: true, freshMemberID: name)
    }

    private func line(_ reply: GroupReply) -> String {
        switch reply {
        case .join(let context, let result):
            let name = context.clientID ?? ""
            guard result.error == .none else {
                return "\(name) \(result.error)" + (result.memberID == name ? "" : " id \(result.memberID)")
            }
            var line = "\(name) joined \(result.generation) by \(result.protocolName ?? "-")"
            if result.leader == result.memberID {
                line += " leading \(result.members.map(\.id).joined(separator: " "))"
            }
            if result.skipAssignment { line += " skipping" }
            return line
        case .sync(let context, let result):
            let name = context.clientID ?? ""
            return "\(name) "
                + (result.error == .none ? "assigned '\(String(buffer: result.assignment))'" : "\(result.error)")
        }
    }
}
