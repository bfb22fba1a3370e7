internal import Crdkafka
internal import Synchronization
internal import Threads

/// Owns one librdkafka instance, with its threads and connections.
///
/// Whoever needs the instance alive keeps a reference: the client's own thread, a topic, every message that still
/// points into librdkafka's memory.
///
/// Unchecked `Sendable`, because any thread may call an instance of librdkafka at any time.
@safe final class Client: @unchecked Sendable {
    let pointer: OpaquePointer
    /// What librdkafka's callbacks and queues use for as long as the instance lives.
    private let uses: [any AnyObject & Sendable]
    private let isDestroyed = Atomic(false)

    init(owning pointer: OpaquePointer, using uses: [any AnyObject & Sendable]) {
        unsafe self.pointer = pointer
        self.uses = uses
    }

    /// Destroying joins librdkafka's threads, which may take long, and the last reference may be a message's that is
    /// dropped on an event loop. So a thread of its own does it, unless `destroyIfUnshared` came first.
    deinit {
        guard !isDestroyed.load(ordering: .acquiring) else { return }
        let doomed = unsafe DoomedClient(pointer: pointer, uses: uses)
        Thread.detach("kafka-end") { doomed.destroy() }
    }

    /// Gives up a reference. If it was the last one, the instance is destroyed before this returns, which may take
    /// long: only for threads that may block.
    static func release(_ client: inout Client?) {
        if isKnownUniquelyReferenced(&client), let last = client, !last.isDestroyed.load(ordering: .acquiring) {
            last.isDestroyed.store(true, ordering: .releasing)
            unsafe DoomedClient(pointer: last.pointer, uses: last.uses).destroy()
        }
        client = nil
    }

    /// Whether destroying a consumer ends the process if it has joined a group by `cooperative-sticky` and never had an
    /// assignment: librdkafka before 2.3.0 (its issue 4312), and so Debian 12's.
    static var mayNotEndBeforeAssignment: Bool { rd_kafka_version() < 0x0203_0000 }

    /// Gives the instance up without destroying it: its threads go on to the end of the process, and with them what
    /// they use, `wake` included.
    func abandon(with wake: WakePipe) {
        guard !isDestroyed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        for use in uses { _ = unsafe Unmanaged.passRetained(use as AnyObject) }
        _ = unsafe Unmanaged.passRetained(wake)
    }

    /// The error that made this instance useless, if any.
    func fatalFailure(while operation: String) -> KafkaError? {
        var text = [CChar](repeating: 0, count: 512)
        let code = unsafe rd_kafka_fatal_error(pointer, &text, text.count)
        guard let code = ErrorCode(failure: code) else { return nil }
        return KafkaError(code, while: operation, reason: String(nullTerminated: text), isFatal: true)
    }

    /// Sends log messages to the main queue instead of calling back from librdkafka's threads.
    func forwardLogToMainQueue() {
        _ = unsafe rd_kafka_set_log_queue(pointer, nil)
    }
}

/// An instance that nothing points to any more.
///
/// Unchecked `Sendable`, because it is moved to the one thread that destroys it.
@safe private struct DoomedClient: @unchecked Sendable {
    private let pointer: OpaquePointer
    private let uses: [any AnyObject & Sendable]

    init(pointer: OpaquePointer, uses: [any AnyObject & Sendable]) {
        unsafe self.pointer = pointer
        self.uses = uses
    }

    /// A consumer that should leave its group has done so by now; without the flag librdkafka would wait for it here.
    func destroy() {
        unsafe rd_kafka_destroy_flags(pointer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        withExtendedLifetime(uses) {}
    }
}

extension String {
    /// The text of a buffer that C filled.
    init(nullTerminated buffer: [CChar]) {
        let bytes = buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        self.init(decoding: bytes, as: UTF8.self)
    }
}
