package import Kafka

/// Which partitions have commits that are not answered, and under which assignments.
///
/// A commit that waits for a coordinator may outlive the assignment that it was meant for. Were another sent for the
/// same partition meanwhile, the two could take effect in either order, and the committed offset move back.
package struct CommitsUnderWay: Sendable {
    package typealias Part = (partition: TopicPartition, epoch: UInt64)

    private var parts: [Part] = []

    package init() {}

    package mutating func begin(_ parts: [Part]) { self.parts += parts }

    package mutating func end(_ parts: [Part]) {
        for part in parts {
            if let index = self.parts.firstIndex(where: { $0 == part }) { self.parts.remove(at: index) }
        }
    }

    /// Whether one of these partitions has a commit under way that was meant for another assignment.
    package func blocks(_ parts: [Part]) -> Bool {
        guard !self.parts.isEmpty else { return false }
        return parts.contains { part in
            self.parts.contains { $0.partition == part.partition && $0.epoch != part.epoch }
        }
    }
}
