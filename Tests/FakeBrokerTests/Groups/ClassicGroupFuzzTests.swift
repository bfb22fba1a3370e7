import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `Any sequence of group events` {
    /// Whatever members do, a group comes to rest, and everyone who asked is answered once.
    @Test(arguments: UInt64(0)..<200)
    func `answers every request once and comes to rest`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var group = ClassicGroup(
            id: "g", settings: .init(initialRebalanceDelay: .seconds(Int64.random(in: 0...3, using: &random))))
        var now: Duration = .zero
        var asked: Set<Int32> = []
        var answered: Set<Int32> = []
        var correlation: Int32 = 0

        func take(_ replies: [GroupReply]) {
            for reply in replies {
                let context =
                    switch reply {
                    case .join(let context, _), .sync(let context, _): context
                    }
                #expect(asked.contains(context.correlationID))
                #expect(answered.insert(context.correlationID).inserted, "answered twice")
            }
        }
        func context() -> RequestContext {
            correlation += 1
            asked.insert(correlation)
            return RequestContext(
                connection: ConnectionID(1), broker: 1, apiKey: .joinGroup, apiVersion: 9,
                correlationID: correlation, clientID: "c")
        }
        for step in 0..<300 {
            let known = group.memberIDs.randomElement(using: &random) ?? ""
            let name = Bool.random(using: &random) ? known : ["", "m1", "m2", "m3"].randomElement(using: &random) ?? ""
            let instance = [nil, nil, "I1", "I2"].randomElement(using: &random) ?? nil
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                take(
                    group.join(
                        JoinCall(
                            context: context(), memberID: name, instanceID: instance, sessionTimeout: .seconds(10),
                            rebalanceTimeout: .seconds(30), protocolType: "consumer",
                            protocols: [GroupProtocol(name: "range", metadata: ByteBuffer(string: "\(step % 3)"))],
                            mustKnowMemberID: Bool.random(using: &random), canSkipAssignment: true,
                            freshMemberID: "m\(step)"), now: now))
            case 2:
                take(
                    group.sync(
                        SyncCall(
                            context: context(), memberID: name, instanceID: instance, generation: group.generation),
                        now: now))
            case 3:
                _ = group.heartbeat(
                    memberID: name, instanceID: instance, generation: group.generation, now: now)
            case 4:
                var replies: [GroupReply] = []
                _ = group.leave(memberID: name, instanceID: instance, now: now, replies: &replies)
                take(replies)
            default:
                now += .seconds(Int64.random(in: 0...20, using: &random))
                take(group.expire(now: now))
            }
        }
        // Everyone falls silent.
        var rounds = 0
        while let deadline = group.nextDeadline, rounds < 1000 {
            now = max(now, deadline)
            take(group.expire(now: now))
            rounds += 1
        }
        #expect(rounds < 1000)
        #expect(group.memberIDs.isEmpty)
        #expect(group.staticMembers.isEmpty)
        #expect(group.state == .empty)
        #expect(answered == asked)
    }
}
