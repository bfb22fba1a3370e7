internal import NIOCore

/// The files of one partition: its batches as they are in memory, in segments named by their first offset, as Kafka
/// names them.
struct PartitionFiles {
    private let folder: String
    private let forces: Bool
    /// Base offsets of the segments, in ascending order; the last one grows.
    private var bases: [Int64] = []
    private var lastSize = 0
    /// What is on the disk, in the log's terms.
    private(set) var endOffset: Int64 = 0
    private(set) var startOffset: Int64 = 0
    private var generation = 0

    /// - Parameter forces: everything that is written is forced to the disk at once.
    init(_ folder: String, forces: Bool) {
        self.folder = folder
        self.forces = forces
    }

    private func path(_ base: Int64, _ suffix: String = "log") -> String {
        let digits = String(base)
        return "\(folder)/\(String(repeating: "0", count: max(0, 20 - digits.count)))\(digits).\(suffix)"
    }

    // MARK: Reading

    /// Reads the files in order and hands their bytes over; `take` leaves what cannot be read as a batch.
    ///
    /// - Returns: what had to be cut off, if anything had: the rest of a file, and the files after it.
    mutating func load(_ take: (inout ByteBuffer) -> Void) throws(FileError) -> String? {
        try finishReplacement()
        var problem: String?
        for name in try Files.list(folder) where name.hasSuffix(".log") {
            guard let base = Int64(name.dropLast(4)) else { continue }
            guard problem == nil else {
                try Files.remove(path(base))
                continue
            }
            var bytes = try Files.read(path(base))
            let size = bytes.readableBytes
            take(&bytes)
            bases.append(base)
            lastSize = size - bytes.readableBytes
            if bytes.readableBytes > 0 {
                problem = "\(path(base)): \(bytes.readableBytes) of \(size) bytes"
                try Files.truncate(path(base), to: lastSize)
            }
        }
        return problem
    }

    /// The log's terms of what was loaded.
    mutating func loaded(_ log: PartitionLog) {
        endOffset = log.endOffset
        startOffset = log.startOffset
        generation = log.generation
    }

    // MARK: Writing

    /// Brings the files up to the log.
    ///
    /// - Returns: whether the log begins elsewhere than before.
    mutating func save(_ log: PartitionLog, segmentBytes: Int) throws(FileError) -> Bool {
        if bases.isEmpty {
            try Files.makeFolder(folder)
            // Left behind by a topic of the name whose deletion was cut short.
            for name in try Files.list(folder) where name.hasSuffix(".log") { try Files.remove("\(folder)/\(name)") }
        }
        if log.generation != generation {
            try replace(with: log)
        } else {
            try append(log, segmentBytes: segmentBytes)
        }
        guard log.startOffset != startOffset else { return false }
        startOffset = log.startOffset
        // Files that hold nothing that can still be read.
        while bases.count > 1, bases[1] <= startOffset {
            try Files.remove(path(bases.removeFirst()))
        }
        if bases.count == 1, startOffset == endOffset {
            try Files.remove(path(bases.removeFirst()))
            lastSize = 0
        }
        return true
    }

    private mutating func append(_ log: PartitionLog, segmentBytes: Int) throws(FileError) {
        while endOffset < log.endOffset {
            let bytes = log.read(from: max(endOffset, log.startOffset), maxBytes: 1 << 20, atLeastOne: true)
            // Written and deleted again since.
            guard bytes.readableBytes > 0 else { break }
            if bases.isEmpty || (lastSize > 0 && lastSize + bytes.readableBytes > segmentBytes) {
                bases.append(max(endOffset, log.startOffset))
                lastSize = 0
            }
            guard let base = bases.last else { return }
            try Files.append(bytes, to: path(base), forced: forces)
            lastSize += bytes.readableBytes
            endOffset = PartitionLog.nextOffset(after: bytes) ?? log.endOffset
        }
        endOffset = log.endOffset
    }

    /// All of the log in one file, which takes the place of the others once it is whole.
    private mutating func replace(with log: PartitionLog) throws(FileError) {
        let new = path(log.startOffset, "cleaned")
        try Files.replace(new, with: ByteBuffer())
        var next = log.startOffset
        var size = 0
        while next < log.endOffset {
            let bytes = log.read(from: next, maxBytes: 1 << 20, atLeastOne: true)
            guard bytes.readableBytes > 0, let after = PartitionLog.nextOffset(after: bytes) else { break }
            try Files.append(bytes, to: new, forced: forces)
            size += bytes.readableBytes
            next = after
        }
        try Files.rename(new, to: path(log.startOffset, "swap"))
        try finishReplacement()
        bases = [log.startOffset]
        lastSize = size
        (endOffset, generation) = (log.endOffset, log.generation)
    }

    /// What a process did not come to that ended while it replaced the files.
    private func finishReplacement() throws(FileError) {
        let names = try Files.list(folder)
        for name in names where name.hasSuffix(".cleaned") { try Files.remove("\(folder)/\(name)") }
        guard let swap = names.first(where: { $0.hasSuffix(".swap") }) else { return }
        for name in names where name.hasSuffix(".log") { try Files.remove("\(folder)/\(name)") }
        try Files.rename("\(folder)/\(swap)", to: "\(folder)/\(swap.dropLast(5)).log")
    }

    /// All that was written is on the disk when this returns.
    func force() throws(FileError) {
        for base in bases { try Files.force(path(base)) }
        if !bases.isEmpty { try Files.force(folder) }
    }

    /// The partition is gone.
    func remove() throws(FileError) {
        for name in try Files.list(folder) where [".log", ".cleaned", ".swap"].contains(where: name.hasSuffix) {
            try Files.remove("\(folder)/\(name)")
        }
        try Files.removeFolder(folder)
    }
}
