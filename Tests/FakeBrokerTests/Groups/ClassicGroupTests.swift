import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `Classic group` {
    // MARK: Joining

    @Test func `the first member leads generation 1 at once`() {
        var script = GroupScript()
        #expect(script.join("a") == ["a joined 1 by range leading a"])
        #expect(script.group.state == .completingRebalance)
    }

    @Test func `a second member waits until the first has joined again`() {
        var script = GroupScript.stable(["a"])
        #expect(script.join("b") == [])
        #expect(script.heartbeat("a", generation: 1) == "REBALANCE_IN_PROGRESS")
        #expect(script.rejoin("a") == ["a joined 2 by range leading a b", "b joined 2 by range"])
    }

    @Test func `a new member of a newer client must come back with the id it was given`() {
        var script = GroupScript()
        #expect(script.join("a", as: "a-1", knowsIDs: true) == ["a MEMBER_ID_REQUIRED id a-1"])
        #expect(script.group.state == .empty)
        #expect(script.rejoin("a-1") == ["a-1 joined 1 by range leading a-1"])
    }

    @Test func `an id that is never used is given up after the session timeout`() {
        var script = GroupScript.stable(["a"])
        #expect(script.join("b", as: "b-1", knowsIDs: true) == ["b MEMBER_ID_REQUIRED id b-1"])
        #expect(script.group.pendingMemberIDs.count == 1)
        _ = script.pass(.seconds(9))
        #expect(script.heartbeat("a", generation: 1) == "NONE")
        _ = script.pass(.seconds(1))
        #expect(script.group.pendingMemberIDs.isEmpty)
        #expect(script.rejoin("b-1") == ["b-1 UNKNOWN_MEMBER_ID"])
    }

    @Test func `a rebalance waits for those who were given an id`() {
        var script = GroupScript.stable(["a"])
        _ = script.join("b", as: "b-1", knowsIDs: true)
        _ = script.join("c")
        #expect(script.rejoin("a") == [])
        #expect(
            script.rejoin("b-1") == [
                "a joined 2 by range leading a c b-1", "c joined 2 by range", "b-1 joined 2 by range",
            ])
    }

    @Test func `a follower that joins again unchanged is told the generation that it is in`() {
        var script = GroupScript.stable(["a", "b"])
        #expect(script.rejoin("b") == ["b joined 2 by range"])
        #expect(script.heartbeat("a", generation: 2) == "NONE")
    }

    @Test func `a follower with new metadata causes a rebalance`() {
        var script = GroupScript.stable(["a", "b"])
        #expect(script.rejoin("b", metadata: "more topics") == [])
        #expect(script.heartbeat("a", generation: 2) == "REBALANCE_IN_PROGRESS")
    }

    @Test func `a leader that joins again causes a rebalance`() {
        var script = GroupScript.stable(["a", "b"])
        #expect(script.rejoin("a") == [])
        #expect(script.rejoin("b") == ["a joined 3 by range leading a b", "b joined 3 by range"])
    }

    @Test func `the group takes members to its limit and no more`() {
        var script = GroupScript.stable(["a"], settings: .init(maxSize: 2))
        #expect(script.join("b") == [])
        #expect(script.join("c") == ["c GROUP_MAX_SIZE_REACHED id "])
        #expect(script.rejoin("a") == ["a joined 2 by range leading a b", "b joined 2 by range"])
    }

    @Test func `a member without a common assignor is refused`() {
        var script = GroupScript.stable(["a"])
        #expect(script.join("b", protocols: ["sticky"]) == ["b INCONSISTENT_GROUP_PROTOCOL id "])
        #expect(script.heartbeat("a", generation: 1) == "NONE")
    }

    @Test func `the assignor that most members prefer among the common ones is chosen`() {
        var script = GroupScript()
        _ = script.join("a", protocols: ["range", "roundrobin"])
        _ = script.join("b", protocols: ["sticky", "roundrobin", "range"])
        _ = script.join("c", protocols: ["roundrobin", "range"])
        #expect(
            script.rejoin("a", protocols: ["range", "roundrobin"]).first == "a joined 2 by roundrobin leading a b c")
    }

    // MARK: Assigning

    @Test func `followers wait for the assignment of the leader`() {
        var script = GroupScript.stable(["a"])
        _ = script.join("b")
        _ = script.rejoin("a")
        #expect(script.sync("b", generation: 2) == [])
        #expect(
            script.sync("a", generation: 2, assign: [("a", "0 1"), ("b", "2")]) == [
                "a assigned '0 1'", "b assigned '2'",
            ])
        #expect(script.group.state == .stable)
    }

    @Test func `a member that the leader leaves out gets nothing`() {
        var script = GroupScript.stable(["a"])
        _ = script.join("b")
        _ = script.rejoin("a")
        _ = script.sync("a", generation: 2, assign: [("a", "0 1 2")])
        #expect(script.sync("b", generation: 2) == ["b assigned ''"])
    }

    @Test func `a member that comes while an assignment is awaited starts over`() {
        var script = GroupScript()
        _ = script.join("a")
        _ = script.join("b")
        _ = script.rejoin("a")
        #expect(script.sync("b", generation: 2) == [])
        #expect(script.join("c") == ["b REBALANCE_IN_PROGRESS"])
        #expect(script.sync("a", generation: 2) == ["a REBALANCE_IN_PROGRESS"])
    }

    // MARK: Fencing

    @Test(arguments: [(Int32(1), "NONE"), (0, "ILLEGAL_GENERATION"), (2, "ILLEGAL_GENERATION")])
    func `only the present generation is heard`(generation: Int32, answer: String) {
        var script = GroupScript.stable(["a"])
        #expect(script.heartbeat("a", generation: generation) == answer)
        #expect(script.commit("a", generation: generation) == answer)
        let sync = script.sync("a", generation: generation)
        #expect(sync == [answer == "NONE" ? "a assigned 'assignment of a'" : "a \(answer)"])
    }

    @Test func `a stranger is told so`() {
        var script = GroupScript.stable(["a"])
        #expect(script.heartbeat("x", generation: 1) == "UNKNOWN_MEMBER_ID")
        #expect(script.commit("x", generation: 1) == "UNKNOWN_MEMBER_ID")
        #expect(script.sync("x", generation: 1) == ["x UNKNOWN_MEMBER_ID"])
        #expect(script.rejoin("x") == ["x UNKNOWN_MEMBER_ID"])
        #expect(script.leave("x") == ["x UNKNOWN_MEMBER_ID"])
    }

    @Test func `a client without a group may commit only while the group is empty`() {
        var script = GroupScript.stable(["a"])
        #expect(script.commit("", generation: -1) == "UNKNOWN_MEMBER_ID")
        #expect(script.leave("a") == [])
        #expect(script.group.state == .empty)
        #expect(script.commit("", generation: -1) == "NONE")
    }

    @Test func `nobody commits between a generation and its assignment`() {
        var script = GroupScript()
        _ = script.join("a")
        #expect(script.commit("a", generation: 1) == "REBALANCE_IN_PROGRESS")
    }

    // MARK: Timeouts

    @Test func `a silent member is given up after its session timeout`() {
        var script = GroupScript.stable(["a", "b"])
        for _ in 0..<3 {
            #expect(script.pass(.seconds(3)) == [])
            #expect(script.heartbeat("a", generation: 2) == "NONE")
        }
        #expect(script.pass(.seconds(1)) == [])
        #expect(script.heartbeat("a", generation: 2) == "REBALANCE_IN_PROGRESS")
        #expect(script.rejoin("a") == ["a joined 3 by range leading a"])
    }

    @Test func `a session lasts to its last nanosecond`() {
        var script = GroupScript.stable(["a"])
        _ = script.pass(GroupScript.session - .nanoseconds(1))
        #expect(script.heartbeat("a", generation: 1) == "NONE")
        _ = script.pass(GroupScript.session)
        #expect(script.heartbeat("a", generation: 1) == "UNKNOWN_MEMBER_ID")
        #expect(script.group.state == .empty)
    }

    @Test func `who does not join in the rebalance timeout is out, and the next leads`() {
        var script = GroupScript.stable(["a", "b"])
        #expect(script.join("c") == [])
        // b is alive but does not join.
        for _ in 0..<11 {
            #expect(script.pass(.seconds(5)) == [])
            #expect(script.heartbeat("a", generation: 2) == "REBALANCE_IN_PROGRESS")
            #expect(script.heartbeat("b", generation: 2) == "REBALANCE_IN_PROGRESS")
        }
        #expect(script.rejoin("b") == [])
        #expect(script.pass(.seconds(5)) == ["b joined 3 by range leading b c", "c joined 3 by range"])
        #expect(script.heartbeat("a", generation: 2) == "UNKNOWN_MEMBER_ID")
    }

    @Test func `a member that waits for a rebalance need not send heartbeats`() {
        var script = GroupScript.stable(["a", "b"])
        #expect(script.rejoin("a", metadata: "new") == [])
        for _ in 0..<5 {
            #expect(script.pass(.seconds(9)) == [])
            #expect(script.heartbeat("b", generation: 2) == "REBALANCE_IN_PROGRESS")
        }
        #expect(script.rejoin("b").count == 2)
    }

    @Test func `who does not ask for its assignment in the rebalance timeout is out`() {
        var script = GroupScript.stable(["a"])
        _ = script.join("b")
        _ = script.rejoin("a")
        _ = script.sync("a", generation: 2, assign: [("a", "0")])
        for _ in 0..<7 {
            #expect(script.pass(.seconds(8)) == [])
            #expect(script.heartbeat("a", generation: 2) == "NONE")
            #expect(script.heartbeat("b", generation: 2) == "NONE")
        }
        #expect(script.pass(.seconds(4)) == [])
        #expect(script.heartbeat("b", generation: 2) == "UNKNOWN_MEMBER_ID")
        #expect(script.heartbeat("a", generation: 2) == "REBALANCE_IN_PROGRESS")
    }

    @Test func `a new group waits for more members as long as they come`() {
        var script = GroupScript(.init(initialRebalanceDelay: .seconds(3)))
        #expect(script.join("a") == [])
        #expect(script.pass(.seconds(2)) == [])
        #expect(script.join("b") == [])
        #expect(script.pass(.seconds(3)) == [])
        #expect(script.pass(.seconds(1)) == ["a joined 1 by range leading a b", "b joined 1 by range"])
    }

    @Test func `a new group without another member waits no longer than the initial delay`() {
        var script = GroupScript(.init(initialRebalanceDelay: .seconds(3)))
        _ = script.join("a")
        #expect(script.pass(.milliseconds(2999)) == [])
        #expect(script.pass(.milliseconds(1)) == ["a joined 1 by range leading a"])
    }

    // MARK: Leaving

    @Test func `a member that leaves sets off a rebalance`() {
        var script = GroupScript.stable(["a", "b"])
        #expect(script.leave("a") == [])
        #expect(script.heartbeat("b", generation: 2) == "REBALANCE_IN_PROGRESS")
        #expect(script.rejoin("b") == ["b joined 3 by range leading b"])
    }

    @Test func `a member that leaves lets its own waiting request go`() {
        var script = GroupScript.stable(["a"])
        #expect(script.join("b") == [])
        #expect(script.leave("b") == ["b UNKNOWN_MEMBER_ID"])
        #expect(script.rejoin("a") == ["a joined 2 by range leading a"])
    }

    @Test func `an empty group goes on counting generations`() {
        var script = GroupScript.stable(["a"])
        _ = script.leave("a")
        #expect(script.group.generation == 2)
        #expect(script.join("b") == ["b joined 3 by range leading b"])
    }
}

@Suite struct `Static member` {
    private func stablePair() -> GroupScript {
        var script = GroupScript()
        _ = script.join("a", instance: "A")
        _ = script.join("b", instance: "B")
        _ = script.rejoin("a", instance: "A")
        _ = script.sync("b", generation: 2, instance: "B")
        _ = script.sync("a", generation: 2, instance: "A", assign: [("a", "0"), ("b", "1")])
        return script
    }

    @Test func `comes back with another id to the same assignment and no rebalance`() {
        var script = stablePair()
        #expect(script.join("b2", instance: "B") == ["b2 joined 2 by range"])
        #expect(script.sync("b2", generation: 2, instance: "B") == ["b2 assigned '1'"])
        #expect(script.heartbeat("a", generation: 2, instance: "A") == "NONE")
    }

    @Test func `that led comes back to lead without assigning anew`() {
        var script = stablePair()
        #expect(script.join("a2", instance: "A") == ["a2 joined 2 by range leading b a2 skipping"])
    }

    @Test func `that led comes back with an old client and is not told that it leads`() {
        var script = stablePair()
        #expect(script.join("a2", instance: "A", canSkip: false) == ["a2 joined 2 by range"])
        #expect(script.sync("a2", generation: 2, instance: "A") == ["a2 assigned '0'"])
    }

    @Test func `fences its former self`() {
        var script = stablePair()
        _ = script.join("b2", instance: "B")
        #expect(script.heartbeat("b", generation: 2, instance: "B") == "FENCED_INSTANCE_ID")
        #expect(script.sync("b", generation: 2, instance: "B") == ["b FENCED_INSTANCE_ID"])
        #expect(script.rejoin("b", instance: "B") == ["b FENCED_INSTANCE_ID"])
        #expect(script.leave("b", instance: "B") == ["b FENCED_INSTANCE_ID"])
    }

    @Test func `fences its former self that waits`() {
        var script = stablePair()
        #expect(script.rejoin("b", instance: "B", metadata: "new") == [])
        #expect(script.join("b2", instance: "B") == ["b FENCED_INSTANCE_ID"])
        #expect(script.rejoin("a", instance: "A").count == 2)
    }

    @Test func `keeps its place through a rebalance that it missed`() {
        var script = stablePair()
        #expect(script.join("c") == [])
        // Both are alive, but neither joins in time.
        for _ in 0..<11 {
            _ = script.pass(.seconds(5))
            _ = script.heartbeat("a", generation: 2, instance: "A")
            _ = script.heartbeat("b", generation: 2, instance: "B")
        }
        #expect(script.pass(.seconds(5)) == ["c joined 3 by range leading a b c"])
        #expect(script.rejoin("b", instance: "B") == ["b joined 3 by range"])
    }

    @Test func `is given up like any other when its session ends`() {
        var script = stablePair()
        _ = script.pass(.seconds(6))
        _ = script.heartbeat("a", generation: 2, instance: "A")
        _ = script.pass(.seconds(6))
        #expect(script.heartbeat("b", generation: 2, instance: "B") == "UNKNOWN_MEMBER_ID")
        #expect(script.group.staticMembers.count == 1)
    }

    @Test func `can be made to leave by its instance id alone`() {
        var script = stablePair()
        #expect(script.leave("", instance: "B") == [])
        #expect(script.rejoin("a", instance: "A") == ["a joined 3 by range leading a"])
        #expect(script.leave("", instance: "B") == [" UNKNOWN_MEMBER_ID"])
    }
}
