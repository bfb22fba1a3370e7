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
        fold(UInt64(bitPattern: event.time))
        fold(
            UInt64(event.kind.rawValue) << 48 | UInt64(UInt16(bitPattern: event.lane)) << 32
                | UInt64(UInt16(bitPattern: event.life)) << 16 | UInt64(UInt16(bitPattern: event.partition)))
        fold(UInt64(UInt16(bitPattern: event.function)))
        fold(UInt64(bitPattern: event.offset))
        fold(UInt64(bitPattern: event.detail))
    }

    /// Makes what is in no event part of the hash.
    func fold(_ number: UInt64) { fingerprint.fold(number) }
}
