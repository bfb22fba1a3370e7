import Testing

@testable import Kafka

@Suite struct AssignmentTests {
    private let a = TopicPartition("t", 0)
    private let b = TopicPartition("t", 1)

    @Test func `a partition keeps its epoch while others come and go`() {
        var assignment = Assignment()
        assignment.add([a])
        assignment.add([b])
        #expect(assignment.epoch(of: a) == 1)
        #expect(assignment.epoch(of: b) == 2)
        assignment.remove([b])
        #expect(assignment.epoch(of: a) == 1)
        #expect(assignment.epoch(of: b) == nil)
        assignment.add([b])
        #expect(assignment.epoch(of: b) == 4)
        #expect(assignment.partitions == [a, b])
    }

    @Test func `a partition asked back hands out nothing though it is still held`() {
        var assignment = Assignment()
        assignment.add([a, b])
        assignment.beginRemoving([a])
        #expect(assignment.epoch(of: a) == nil)
        #expect(assignment.epoch(of: b) == 1)
        #expect(assignment.partitions == [a, b])
    }

    @Test func `a rebalance forgets what was paused`() {
        var assignment = Assignment()
        assignment.add([a, b])
        assignment.pause([a, b])
        assignment.resume([b])
        #expect(assignment.paused == [a])
        assignment.remove([b])
        #expect(assignment.paused == [])
    }

    @Test func `a partition that begins anew has another epoch, and nothing before`() {
        var assignment = Assignment()
        assignment.add([a, b])
        assignment.note(next: 5, of: a)
        assignment.pause([a])
        assignment.beginAnew(a)
        #expect(assignment.epoch(of: a) == 2)
        #expect(assignment.epoch(of: b) == 1)
        #expect(assignment.place(in: a)?.next == 0)
        #expect(assignment.resting == [a])
        assignment.beginRemoving([a])
        assignment.beginAnew(a)
        #expect(assignment.epoch(of: a) == nil)
        assignment.beginAnew(TopicPartition("t", 9))
        #expect(assignment.partitions == [a, b])
    }

    @Test func `what was asked back rests until it is gone`() {
        var assignment = Assignment()
        assignment.add([a, b])
        assignment.beginRemoving([a])
        #expect(assignment.resting == [a])
        assignment.remove([a])
        #expect(assignment.resting == [])
        assignment.beginRemoving([a])
        #expect(assignment.resting == [])
    }
}
