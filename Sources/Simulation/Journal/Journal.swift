import SeededRandom
import Synchronization

/// What happened in a simulated run, in order: the same for the same seed.
public final class Journal: Sendable {
    /// One line of the journal.
    public struct Entry: Equatable, Sendable, CustomStringConvertible {
        public let time: Duration
        public let text: String

        public var description: String { "\(time) \(text)" }
    }

    private let clock: VirtualClock
    private let content = Mutex<[Entry]>([])

    public init(clock: VirtualClock) { self.clock = clock }

    public var entries: [Entry] { content.withLock { $0 } }

    public func record(_ text: String) {
        let entry = Entry(time: clock.now.offset, text: text)
        content.withLock { $0.append(entry) }
    }

    /// A fingerprint of the whole run (FNV-1a of its text), to compare runs by one number.
    public var hash: UInt64 {
        var hash = FNV1a()
        for entry in entries { hash.fold(entry.description.utf8.span) }
        return hash.value
    }
}
