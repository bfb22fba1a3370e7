import SeededRandom
import Simulation

/// The journal of one run.
// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class Trace: @unchecked Sendable {
    private let executor: SeededExecutor
    private(set) var events: [SystemEvent] = []
    /// FNV-1a over each number of each event, and each record sent: two runs with one hash were the same run.
    var hash: UInt64 { fingerprint.value }
    private var fingerprint = FNV1a()

    init(_ executor: SeededExecutor) {
        self.executor = executor
        events.reserveCapacity(1024)
    }

    func record(_ event: SystemEvent) {
        var event = event
        event.time = executor.nanoseconds
        events.append(event)
        fingerprint = event.folded(into: fingerprint)
    }

    /// Makes what is in no event part of the hash.
    func fold(_ number: UInt64) {
        // Replaced, not changed in place, which would cost a check for each number.
        var fingerprint = fingerprint
        fingerprint.fold(number)
        self.fingerprint = fingerprint
    }
}

extension SystemEvent {
    fileprivate func folded(into fingerprint: FNV1a) -> FNV1a {
        var fingerprint = fingerprint
        fingerprint.fold(UInt64(bitPattern: time))
        fingerprint.fold(
            UInt64(kind.rawValue) << 48 | UInt64(UInt16(bitPattern: lane)) << 32
                | UInt64(UInt16(bitPattern: life)) << 16 | UInt64(UInt16(bitPattern: partition)))
        fingerprint.fold(UInt64(UInt16(bitPattern: function)))
        fingerprint.fold(UInt64(bitPattern: offset))
        fingerprint.fold(UInt64(bitPattern: detail))
        return fingerprint
    }
}
