/// A value that only the jobs and events of one `SeededExecutor` touch, so that it needs no lock.
///
/// For state that parts of a simulated system share, and for what stays when a simulated process crashes.
// Sendable without a lock, for a seeded executor runs everything on one thread, and ends a run in which something left.
public final class Confined<Value>: @unchecked Sendable {
    public var value: Value

    public init(_ value: Value) { self.value = value }
}
