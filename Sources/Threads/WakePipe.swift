#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A pipe that wakes one thread: others write to it when they leave a command, and a C library may when it has news.
package final class WakePipe: Sendable {
    /// The system gave no pipe.
    package struct Failure: Error, CustomStringConvertible {
        /// In the system's words.
        package let reason: String

        package var description: String { "the system gave no pipe (\(reason)); raise the limit of open files" }
    }

    private let readEnd: Int32
    /// For a C library that signals by writing.
    package let writeEnd: Int32

    package init() throws(Failure) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw Failure(reason: unsafe String(cString: strerror(errno))) }
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

    package func signal() {
        var byte: UInt8 = 1
        _ = unsafe write(writeEnd, &byte, 1)
    }

    /// Waits for a signal, for `socket` to have something to read, or until `timeout` passes, `nil` being for ever;
    /// takes all signals that came.
    /// - Returns: Whether `socket` has something to read.
    @discardableResult
    package func wait(for socket: Int32? = nil, timeout: Duration?) -> Bool {
        var descriptors = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
        if let socket { descriptors.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        guard unsafe poll(&descriptors, nfds_t(descriptors.count), timeout.map(Self.milliseconds) ?? -1) > 0
        else { return false }
        if descriptors[0].revents != 0 { takeSignals() }
        return descriptors.count > 1 && descriptors[1].revents != 0
    }

    /// Waits for a signal of this pipe or the other, or until `timeout` passes; takes all signals that came.
    package func wait(or other: WakePipe, timeout: Duration) {
        if wait(for: other.readEnd, timeout: timeout) { other.takeSignals() }
    }

    private func takeSignals() {
        var bytes: InlineArray<64, UInt8> = .init(repeating: 0)
        while unsafe read(readEnd, &bytes, 64) == 64 {}
    }

    /// Rounded up, or the last millisecond would be spent awake.
    private static func milliseconds(_ duration: Duration) -> Int32 {
        let parts = max(.zero, duration + .microseconds(999)).components
        return Int32(clamping: parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)
    }
}
