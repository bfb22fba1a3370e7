import Connector

/// Numbers in place of names, as the trace has them.
struct SystemIndex: Sendable {
    let topics: [String]
    let functions: [String]
    /// Of each topic, the number of its first partition.
    private let firstPartitions: [Int]
    let partitions: [(topic: String, partition: Int32)]
    let functionAnnotations: [FunctionPlan]

    init(_ plan: SystemPlan) {
        topics = plan.partitions.indices.map { "t\($0)" }
        functions = plan.functions.indices.map { "f\($0)" }
        functionAnnotations = plan.functions
        var first: [Int] = []
        var all: [(topic: String, partition: Int32)] = []
        for (topic, count) in zip(topics, plan.partitions) {
            first.append(all.count)
            for partition in 0..<count { all.append((topic, Int32(partition))) }
        }
        firstPartitions = first
        partitions = all
    }

    func partition(_ topic: String, _ partition: Int32) -> Int {
        guard let index = topics.firstIndex(of: topic) else { return -1 }
        return firstPartitions[index] + Int(partition)
    }

    func partition(_ id: EventID) -> Int { partition(id.topic, id.partition) }

    /// The topic of a partition.
    func topic(of partition: Int) -> Int { firstPartitions.lastIndex { $0 <= partition } ?? 0 }

    func function(_ name: FunctionName) -> Int { functions.firstIndex(of: name.name) ?? -1 }

    /// Which functions want which topics: bit `function * topics + topic`.
    func bits(_ map: TopicMap) -> Int64 {
        var bits: Int64 = 0
        for (index, topic) in topics.enumerated() {
            for function in map.functions(for: topic) {
                let number = self.function(function)
                if number >= 0 { bits |= bit(function: number, topic: index) }
            }
        }
        return bits
    }

    func bit(function: Int, topic: Int) -> Int64 {
        let place = function * topics.count + topic
        return place < 63 ? 1 << Int64(place) : 0
    }
}
