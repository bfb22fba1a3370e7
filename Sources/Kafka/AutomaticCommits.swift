/// What becomes of the commits that librdkafka makes by itself, for which nobody waits, and which of them it leaves
/// out. A value: it calls nothing.
///
/// It commits what was stored beyond what it committed before. So where reading went back, as in a log that was cut or
/// made anew, it would wait until the new log is as long; and it does not forget what it committed when a partition
/// goes away. Of several partitions it tells the error of one of all, so that those without a fault would not be known
/// to be committed. Both are mended by commits of single partitions.
struct AutomaticCommits {
    /// What librdkafka committed last, as far as it told.
    private var committed: [TopicPartition: Int64] = [:]
    /// Stored before that, and to be committed here.
    private var behind: [TopicPartition: Int64] = [:]
    /// To be committed alone, next.
    private var due: [TopicPartition: Int64] = [:]
    /// Committed alone, and not answered.
    private var underWay: Set<TopicPartition> = []
    /// In partitions where none succeeded since.
    private var failures: [TopicPartition: ErrorCode] = [:]
    /// Of those that fail, the ones that were tried alone a short time ago.
    private var rested: Set<TopicPartition> = []

    /// These were given to librdkafka, to be committed.
    mutating func note(stored offsets: [TopicPartitionOffset]) {
        guard !committed.isEmpty else { return }
        for place in offsets {
            behind[place.partition] = nil
            guard let before = committed[place.partition], before > place.offset else { continue }
            behind[place.partition] = place.offset
            due[place.partition] = place.offset
        }
    }

    /// Some time has passed: what failed may be tried again.
    mutating func tick() {
        rested = []
        due.merge(behind) { $1 }
    }

    /// Others may commit these from now on.
    mutating func remove(_ partitions: [TopicPartition]) {
        for partition in partitions {
            behind[partition] = nil
            due[partition] = nil
            failures[partition] = nil
        }
    }

    /// What is to be committed now, each by itself. One at a time of each partition.
    mutating func takeDue() -> [TopicPartitionOffset] {
        guard !due.isEmpty else { return [] }
        let ready = due.filter { !underWay.contains($0.key) }
        for partition in ready.keys { due[partition] = nil }
        underWay.formUnion(ready.keys)
        return ready.map { TopicPartitionOffset($0, $1) }
    }

    /// A commit was answered.
    ///
    /// - Parameter isAlone: Whether it is one of `takeDue`.
    /// - Returns: What is to be told: a failure once, until it is another or over.
    mutating func take(
        _ error: ErrorCode?, _ results: [PartitionResult], isAlone: Bool, in assignment: Assignment
    ) -> ErrorCode? {
        if isAlone { underWay.subtract(results.map(\.partition)) }
        // All of the assignment is there, with no offset where nothing was to be committed.
        let results = results.filter { $0.offset != nil }
        guard let error = error ?? results.lazy.compactMap(\.error).first, error != .noOffset else {
            for place in results.compactMap(\.place) {
                committed[place.partition] = place.offset
                failures[place.partition] = nil
                if let offset = behind[place.partition], offset >= place.offset { behind[place.partition] = nil }
            }
            return nil
        }
        if error.isOfOnePartition && results.count > 1 {
            for result in results
            where !rested.contains(result.partition) && assignment.heldEpoch(of: result.partition) != nil {
                due[result.partition] = result.offset
            }
            return nil
        }
        if isAlone { rested.formUnion(results.map(\.partition)) }
        guard results.contains(where: { failures[$0.partition] != error }) else { return nil }
        for result in results { failures[result.partition] = error }
        return error
    }
}
