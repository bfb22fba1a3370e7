#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A pipe that wakes one thread: librdkafka writes to it when a queue fills, others when they leave a command.
final class WakePipe: Sendable {
    private let readEnd: Int32
    let writeEnd: Int32

    init() throws(KafkaError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw KafkaError(
                .outOfResources, while: "opening a pipe",
                reason: unsafe "\(String(cString: strerror(errno))); raise the limit of open files")
        }
        readEnd = ends[0]
        writeEnd = ends[1]
        for end in ends {
            // A full pipe already wakes the reader, so nobody need wait for room in it.
            _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL, 0) | O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func signal() {
        var byte: UInt8 = 1
        _ = unsafe write(writeEnd, &byte, 1)
    }

    /// Waits for a signal, or until `timeout` passes; takes all signals that came.
    func wait(timeout: Duration?) {
        var descriptor = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        // Rounded up, or the last millisecond would be spent awake.
        let milliseconds = timeout.map { $0 <= .zero ? 0 : ($0 + .microseconds(999)).forLibrdkafka } ?? -1
        guard unsafe poll(&descriptor, 1, milliseconds) > 0 else { return }
        var bytes: InlineArray<64, UInt8> = .init(repeating: 0)
        while unsafe read(readEnd, &bytes, 64) == 64 {}
    }
}
