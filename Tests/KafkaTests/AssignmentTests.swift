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

    @Test func `partitions that come while nobody wants messages rest`() {
        var assignment = Assignment()
        assignment.add([a])
        #expect(assignment.takePauseChanges() == ([a], []))
        #expect(assignment.takePauseChanges() == ([], []))
        assignment.unpark()
        assignment.add([b])
        #expect(assignment.takePauseChanges() == ([], [a]))
    }

    @Test func `what the user paused stays so over a rest, and ends with a rebalance`() {
        var assignment = Assignment()
        assignment.unpark()
        assignment.add([a, b])
        assignment.pause([a])
        #expect(assignment.takePauseChanges() == ([a], []))
        assignment.park()
        #expect(assignment.takePauseChanges() == ([b], []))
        assignment.unpark()
        #expect(assignment.takePauseChanges() == ([], [b]))
        assignment.remove([a])
        assignment.add([a])
        // librdkafka remembers the pause, so it must be told.
        #expect(assignment.takePauseChanges() == ([], [a]))
    }
}
