internal import Crdkafka

/// A change of the assignment that the group asks for. librdkafka waits until it is carried out.
struct Rebalance: Equatable {
    enum Kind: Equatable {
        case assign
        /// `isLost`: the partitions may belong to another member already.
        case revoke(isLost: Bool)
        /// The group failed; the assignment is void.
        case failed(ErrorCode)
    }

    let kind: Kind
    let partitions: [TopicPartitionOffset]

    var isEmptyAssignment: Bool { kind == .assign && partitions.isEmpty }

    /// Whether what was held may belong to another member already.
    var isLost: Bool {
        switch kind {
        case .assign: false
        case .revoke(let isLost): isLost
        case .failed: true
        }
    }
}

/// Where librdkafka's callback leaves rebalances for the thread that reads the consumer queue.
///
/// Only noted there, not carried out: until the thread does so, no message of a new assignment can follow, so all that
/// it read together with the rebalance belongs to the old one.
///
/// Unchecked `Sendable`, because librdkafka calls back only on the thread that reads the queue, inside that very call.
@safe final class RebalanceInbox: @unchecked Sendable {
    private var rebalances: [Rebalance] = []

    /// Valid as long as this object lives; the client keeps it.
    var opaque: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

    fileprivate func append(_ rebalance: Rebalance) { rebalances.append(rebalance) }

    func takeAll() -> [Rebalance] {
        defer { rebalances.removeAll(keepingCapacity: true) }
        return rebalances
    }
}

/// Called by librdkafka out of `rd_kafka_consume_batch_queue`.
///
/// It must not call `rd_kafka_yield`: librdkafka then loses the next message that it takes off the queue.
let noteRebalance:
    @convention(c) (
        OpaquePointer?, rd_kafka_resp_err_t, UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?,
        UnsafeMutableRawPointer?
    ) -> Void = { client, code, partitions, opaque in
        guard let opaque = unsafe opaque else { return }
        let inbox = unsafe Unmanaged<RebalanceInbox>.fromOpaque(opaque).takeUnretainedValue()
        let kind: Rebalance.Kind =
            switch ErrorCode(code) {
            case .assignPartitions: .assign
            case .revokePartitions: .revoke(isLost: unsafe rd_kafka_assignment_lost(client) != 0)
            case let other: .failed(other)
            }
        let offsets = unsafe partitions.map { unsafe PartitionList.offsets(in: $0) } ?? []
        inbox.append(Rebalance(kind: kind, partitions: offsets))
    }
