/// What becomes of the commits that librdkafka makes by itself, for which nobody waits. A value: it calls nothing.
struct AutomaticCommits {
    enum Step: Equatable {
        case none
        /// Each by itself: of several partitions librdkafka tells the error of one of all, and those without a fault
        /// would not be known to be committed.
        case commitOneByOne([TopicPartitionOffset])
        case tell(ErrorCode)
    }

    /// In partitions where none succeeded since.
    private var failures: [TopicPartition: ErrorCode] = [:]

    /// - Returns: A failure is told once, until it is another or over.
    mutating func take(_ error: ErrorCode?, _ results: [PartitionResult], in assignment: Assignment) -> Step {
        guard let error = error ?? results.lazy.compactMap(\.error).first, error != .noOffset else {
            for result in results { failures[result.partition] = nil }
            return .none
        }
        if error.isOfOnePartition && results.count > 1 {
            let held = results.filter { assignment.heldEpoch(of: $0.partition) != nil }
            return .commitOneByOne(
                held.compactMap { result in
                    result.offset.map { TopicPartitionOffset(result.partition, $0) }
                })
        }
        guard results.contains(where: { failures[$0.partition] != error }) else { return .none }
        for result in results { failures[result.partition] = error }
        return .tell(error)
    }
}
