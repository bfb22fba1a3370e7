#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Wakes the one thread that waits for it and for a socket.
final class WakePipe: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    init() throws(RabbitMQError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw RabbitMQError(.configuration, "no pipe left; raise the limit of open files")
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

    /// Waits for a signal, for the socket to have something to read, or until `timeout` passes.
    func wait(for socket: Int32?, timeout: Duration) {
        var descriptors = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
        if let socket { descriptors.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        let parts = max(.zero, timeout + .microseconds(999)).components
        let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        guard unsafe poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: milliseconds)) > 0,
            descriptors[0].revents != 0
        else { return }
        var bytes: InlineArray<64, UInt8> = .init(repeating: 0)
        while unsafe read(readEnd, &bytes, 64) == 64 {}
    }
}
