internal import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What the operating system refused, and of which file.
struct FileError: Error, CustomStringConvertible {
    let operation: String
    let path: String
    let code: Int32

    init(_ operation: String, _ path: String) {
        self.operation = operation
        self.path = path
        code = errno
    }

    var description: String {
        // The text is the C library's own and lasts until the thread's next call; it is copied here.
        let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return "cannot \(operation) '\(path)': \(text)"
    }
}

/// Files and folders, by the system's calls. Everything is done when a call returns. What is not forced to the disk
/// outlives the process but not the machine, as with Kafka's defaults.
///
/// A path is handed to the system as a C string that lasts as long as the call.
///
/// Foundation is left out because to load it would cost milliseconds at the start of every process with a broker.
enum Files {
    /// Does nothing if it is there.
    static func makeFolder(_ path: String) throws(FileError) {
        guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw FileError("make the folder", path) }
    }

    /// Names in ascending order, without `.` and `..`; empty if there is no such folder.
    static func list(_ path: String) throws(FileError) -> [String] {
        guard let folder = unsafe opendir(path) else {
            if errno == ENOENT { return [] }
            throw FileError("list", path)
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            // The entry ends its name with a zero and lasts until the next call; the name is copied here.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Empty if there is no such file.
    static func read(_ path: String) throws(FileError) -> ByteBuffer {
        let descriptor = unsafe open(path, O_RDONLY)
        guard descriptor >= 0 else {
            if errno == ENOENT { return ByteBuffer() }
            throw FileError("open", path)
        }
        defer { close(descriptor) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        guard size >= 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw FileError("measure", path) }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(size)
        while buffer.readableBytes < size {
            // Reads no more than the room that it is given.
            let count = unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size - buffer.readableBytes) {
                unsafe max(0, systemRead(descriptor, $0.baseAddress, min($0.count, size)))
            }
            guard count > 0 else { throw FileError("read", path) }
        }
        return buffer
    }

    /// Makes the file if it is not there.
    static func append(_ bytes: ByteBuffer, to path: String, forced: Bool = false) throws(FileError) {
        try write(bytes, path, O_WRONLY | O_CREAT | O_APPEND, forced: forced)
    }

    /// In place of what was there.
    static func replace(_ path: String, with bytes: ByteBuffer, forced: Bool = false) throws(FileError) {
        try write(bytes, path, O_WRONLY | O_CREAT | O_TRUNC, forced: forced)
    }

    /// A file or folder as it is outlives the machine when this returns.
    static func force(_ path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_RDONLY)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError("force to the disk", path) }
    }

    private static func write(_ bytes: ByteBuffer, _ path: String, _ flags: Int32, forced: Bool) throws(FileError) {
        let descriptor = unsafe open(path, flags, 0o644)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        var rest = bytes
        while rest.readableBytes > 0 {
            // Only reads the bytes, and only as many as there are.
            let count = unsafe rest.withUnsafeReadableBytes {
                unsafe systemWrite(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { throw FileError("write to", path) }
            rest.moveReaderIndex(forwardBy: count)
        }
        guard !forced || fsync(descriptor) == 0 else { throw FileError("force to the disk", path) }
    }

    static func truncate(_ path: String, to size: Int) throws(FileError) {
        guard unsafe systemTruncate(path, size) == 0 else { throw FileError("shorten", path) }
    }

    static func rename(_ path: String, to other: String) throws(FileError) {
        guard unsafe systemRename(path, other) == 0 else { throw FileError("rename", path) }
    }

    /// Does nothing if it is not there.
    static func remove(_ path: String) throws(FileError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
    }

    /// The folder must be empty. Does nothing if it is not there.
    static func removeFolder(_ path: String) throws(FileError) {
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw FileError("remove the folder", path) }
    }

    /// Takes a file for this process alone, until the lock is dropped or the process ends; nil if another has it.
    static func lock(_ path: String) throws(FileError) -> FileLock? {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT, 0o644)
        guard descriptor >= 0 else { throw FileError("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return FileLock(descriptor: descriptor)
    }
}

/// A file that this process alone has taken.
final class FileLock: Sendable {
    private let descriptor: Int32

    fileprivate init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}

// Under other names, for the functions above take the system's.
private let systemRead = unsafe read(_:_:_:)
private let systemWrite = unsafe write(_:_:_:)
private let systemTruncate = unsafe truncate(_:_:)
private let systemRename = unsafe rename(_:_:)
