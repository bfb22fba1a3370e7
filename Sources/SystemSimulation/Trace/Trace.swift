import Simulation

/// The journal of one run.
// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class Trace: @unchecked Sendable {
    private let executor: SeededExecutor
    private(set) var events: [SystemEvent] = []
    /// FNV-1a over every number of every event: two runs with one hash were the same run.
    private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    init(_ executor: SeededExecutor) {
        self.executor = executor
        events.reserveCapacity(1024)
    }

    func record(_ event: SystemEvent) {
        var event = event
        let (seconds, attoseconds) = executor.now.components
        event.time = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        events.append(event)
        fold(UInt64(bitPattern: event.time))
        fold(
            UInt64(event.kind.rawValue) << 48 | UInt64(UInt16(bitPattern: event.lane)) << 32
                | UInt64(UInt16(bitPattern: event.life)) << 16 | UInt64(UInt16(bitPattern: event.partition)))
        fold(UInt64(UInt16(bitPattern: event.function)))
        fold(UInt64(bitPattern: event.offset))
        fold(UInt64(bitPattern: event.detail))
    }

    private func fold(_ number: UInt64) { hash = (hash ^ number) &* 0x100_0000_01b3 }
}
