#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A file, a pipe or standard input, for a thread that may wait for what is to come of it.
package final class BlockingInput: Sendable {
    /// In the system's words.
    package struct Failure: Error { package let reason: String }

    private let descriptor: Int32
    private let isStandard: Bool

    /// - Parameter path: `nil` is standard input.
    package init(path: String?) throws(Failure) {
        isStandard = path == nil
        descriptor = path.map { unsafe open($0, O_RDONLY | O_CLOEXEC) } ?? STDIN_FILENO
        guard descriptor >= 0 else { throw .current }
    }

    deinit {
        if !isStandard { close(descriptor) }
    }

    /// What is there, waiting for the first byte; empty at the end.
    package func read(atMost count: Int) throws(Failure) -> [UInt8] {
        while true {
            var result = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                #if canImport(Glibc)
                    result = unsafe Glibc.read(descriptor, buffer.baseAddress, count)
                #elseif canImport(Musl)
                    result = unsafe Musl.read(descriptor, buffer.baseAddress, count)
                #else
                    result = unsafe Darwin.read(descriptor, buffer.baseAddress, count)
                #endif
                initialized = max(0, result)
            }
            if result >= 0 { return bytes }
            if errno != EINTR { throw .current }
        }
    }

    /// Goes back to the first byte. Whether that can be done: not with a pipe.
    package func rewind() -> Bool { lseek(descriptor, 0, SEEK_SET) == 0 }
}

extension BlockingInput.Failure {
    fileprivate static var current: Self { .init(reason: unsafe String(cString: strerror(errno))) }
}
