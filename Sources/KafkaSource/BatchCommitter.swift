// Commits a batch until all of it is decided, over librdkafka or a simulated consumer. What the answers mean is
// decided by `BatchCommit`; when to ask, by this loop.

package import Connector
package import Kafka

/// How far a source's life has come, as its commits need to know.
package struct CommitterState {
    /// No consumer is there to ask.
    package var isClosed: Bool
    package var isDraining: Bool
    /// The stream ended for good.
    package var hasFailed: Bool

    package init(isClosed: Bool, isDraining: Bool, hasFailed: Bool) {
        self.isClosed = isClosed
        self.isDraining = isDraining
        self.hasFailed = hasFailed
    }
}

/// What a source of at most once gives for its batches to be committed.
package protocol BatchCommitter: Sendable {
    var time: TimeSource { get }
    var committerState: CommitterState { get }

    func withMembership<Result>(_ body: (inout Membership) -> Result) -> Result

    /// Asks the group's coordinator once.
    ///
    /// - Parameter epochs: Under which the events of each partition were handed out; what is not held under it any
    ///   more is not asked for.
    func commit(
        _ offsets: [TopicPartitionOffset], under epochs: [UInt64]
    ) async throws(KafkaError) -> [PartitionResult]

    /// Ends the stream for good: nobody but the operator can help.
    func fail(_ error: KafkaError)
}

extension BatchCommitter {
    /// Returns when each event of the batch is known to be committed, or is refused.
    package func commit(_ batch: [Event]) async -> Acknowledgement {
        var commit = BatchCommit(batch)
        var pause = Duration.milliseconds(50)
        // A stream that ends for good begins no commit: what was refused before would be passed.
        if committerState.hasFailed { commit.giveUp("shutdown") }
        while true {
            withMembership { membership in
                commit.dropStale { membership.window.isHeld($0, $1) }
            }
            let offsets = commit.offsets
            if offsets.isEmpty { break }
            if committerState.isClosed {
                commit.giveUp("closed")
                break
            }
            let isAsked = await attempt(&commit, offsets)
            if let denial = commit.denial { fail(denial) }
            if commit.offsets.isEmpty { break }
            // The first time each by itself, even if this source ends meanwhile.
            if isAsked, !commit.isRepetition, !Task.isCancelled { continue }
            let state = committerState
            if state.hasFailed || state.isDraining || Task.isCancelled {
                commit.giveUp("shutdown")
                break
            }
            try? await time.sleep(for: pause)
            pause = min(pause * 2, .seconds(1))
        }
        // They are settled, one way or the other.
        withMembership { membership in
            for part in commit.ends {
                membership.window.forget(part.partition, epoch: part.epoch, before: part.nextOffset)
            }
        }
        return commit.acknowledgement
    }

    /// `false` if nothing was asked: a commit that was meant for another assignment of one of the partitions is not
    /// answered.
    private func attempt(_ commit: inout BatchCommit, _ offsets: [TopicPartitionOffset]) async -> Bool {
        let parts = commit.pending
        let isBlocked = withMembership { membership in
            let isBlocked = membership.commits.blocks(parts)
            if !isBlocked { membership.commits.begin(parts) }
            return isBlocked
        }
        guard !isBlocked else { return false }
        let start = time.now
        do throws(KafkaError) {
            let results = try await self.commit(offsets, under: parts.map(\.epoch))
            commit.apply(results, after: time.now - start)
            // Of several, whose it is will be told when each is asked for alone.
            if let failure = results.first(where: { $0.error?.isWorthTelling ?? false }), let code = failure.error,
                results.count == 1 || !code.isOfOnePartition
            {
                tell(KafkaError(code, while: "committing \(failure.partition)"))
            }
        } catch {
            commit.apply(error, after: time.now - start)
            if error.isFatal { fail(error) }
            // What is still under way was told when it was given up.
            if error.code != .inProgress { tell(error) }
        }
        withMembership { $0.commits.end(parts) }
        return true
    }

    private func tell(_ error: KafkaError) { withMembership { $0.notices }?(.transientFailure("\(error)")) }
}

extension ErrorCode {
    /// Not what any rebalance brings.
    fileprivate var isWorthTelling: Bool {
        !isOfMembership && ![.assignmentLost, .state, .rebalanceInProgress].contains(self)
    }
}
