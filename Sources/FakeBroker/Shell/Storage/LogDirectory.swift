internal import KafkaProtocol
internal import Logging
internal import NIOCore

/// A folder in which a cluster is kept, so that the next process finds it there.
///
/// After each event, and before anybody is told of it, the host has what changed written down: batches into the files
/// of their partitions, the rest as ``StoredEntry`` into a journal, which is written anew when it has grown long. The
/// log stays in memory all the same; the folder adds that it survives.
final class LogDirectory {
    private let path: String
    private let logger: Logger
    private let lock: FileLock
    /// For look-ups only.
    private var partitions: [TopicPartition: PartitionFiles] = [:]
    private var nextProducerID: Int64 = -1
    private var journalBytes = 0
    private let flush: FakeBroker.LogFlush
    /// A folder that could not be written to is not written to again: it would have gaps.
    private var hasFailed = false

    /// The journal is written anew beyond this.
    private static let journalBytesLimit = 16 * 1024 * 1024

    private var journal: String { "\(path)/cluster.journal" }

    /// Takes the folder for this process, and makes it if it is not there.
    init(_ path: String, flush: FakeBroker.LogFlush, logger: Logger) throws {
        self.path = path
        self.flush = flush
        self.logger = logger
        try Files.makeFolder(path)
        guard let lock = try Files.lock("\(path)/.lock") else {
            throw FakeBrokerError(
                .invalidConfiguration,
                "FakeBroker.Configuration.logDirectory '\(path)' is in use by another FakeBroker. Give each its own.")
        }
        self.lock = lock
    }

    // MARK: Loading

    /// Makes the cluster what is kept here, and goes on from that.
    func load(into cluster: inout Cluster) throws(FileError) {
        var bytes = try Files.read(journal)
        var starts: [TopicPartition: Int64] = [:]
        while let entry = StoredEntry.decode(from: &bytes) {
            cluster.restore(entry)
            switch entry {
            case .start(let partition, let offset): starts[partition] = offset
            case .topicDeleted(let name): starts = starts.filter { $0.key.topic != name }
            case .cluster, .topic, .offset, .offsetRemoved, .transaction, .transactionRemoved, .share, .shareRemoved:
                break
            }
        }
        if bytes.readableBytes > 0 {
            logger.warning("the journal's end is torn; \(bytes.readableBytes) bytes are left out", metadata: metadata)
        }
        for key in cluster.allPartitions {
            var files = PartitionFiles(folder(key), forces: forces)
            if let cut = try files.load({ cluster.restore(&$0, into: key) }) {
                logger.warning("a log's end is torn and was cut off: \(cut)", metadata: metadata)
            }
            if let log = cluster.log(of: key) { files.loaded(log) }
            // May write markers, which are saved with the first event.
            cluster.finishRestoring(key, start: starts[key] ?? 0)
            partitions[key] = files
        }
        cluster.finishRestoring()
        cluster.startNoting()
        try writeAll(cluster)
    }

    // MARK: Saving

    /// Writes down what has changed since the last call.
    func save(_ cluster: inout Cluster) {
        guard !cluster.isStored || cluster.transactions.nextProducerID != nextProducerID else { return }
        let notes = cluster.storage.take()
        var entries = cluster.offsets.takeChanges().map { cluster.stored($0) }
        entries += cluster.transactions.takeChanges().map { cluster.stored(transaction: $0) }
        entries += cluster.groups.takeShareChanges().map { cluster.stored(shareGroup: $0) }
        guard !hasFailed else { return }
        do throws(FileError) {
            try save(notes, entries, cluster)
            if journalBytes > Self.journalBytesLimit { try rewriteJournal(cluster) }
        } catch {
            fail(error)
        }
    }

    /// Nothing more will be saved.
    func close(_ cluster: inout Cluster) {
        save(&cluster)
        guard flush == .atShutdown, !hasFailed else { return }
        do throws(FileError) {
            for key in partitions.keys.sorted() { try partitions[key]?.force() }
            try Files.force(journal)
            try Files.force(path)
        } catch {
            fail(error)
        }
    }

    /// Whether what is written is forced to the disk at once.
    private var forces: Bool { flush == .always }

    /// The cluster is another than before: writes all of it down.
    func replace(with cluster: inout Cluster) {
        cluster.startNoting()
        guard !hasFailed else { return }
        do throws(FileError) {
            for key in partitions.keys.sorted() { try partitions.removeValue(forKey: key)?.remove() }
            try writeAll(cluster)
        } catch {
            fail(error)
        }
    }

    private func fail(_ error: FileError) {
        hasFailed = true
        logger.critical("the log directory is given up, nothing more is kept: \(error)", metadata: metadata)
    }

    private func save(
        _ notes: StorageNotes, _ coordinated: [StoredEntry], _ cluster: Cluster
    ) throws(FileError) {
        var entries: [StoredEntry] = []
        if cluster.transactions.nextProducerID != nextProducerID {
            nextProducerID = cluster.transactions.nextProducerID
            entries.append(cluster.storedIdentity)
        }
        for name in notes.topics {
            entries.append(cluster.stored(topic: name))
            // Also if the name was given to another topic since.
            if cluster.topics[name].map({ $0.partitions.allSatisfy { $0.log.endOffset == 0 } }) ?? true {
                for key in partitions.keys.sorted() where key.topic == name {
                    try partitions.removeValue(forKey: key)?.remove()
                }
            }
        }
        // A topic must be known before anything of it is, and how a transaction ends before its markers.
        try append(entries + coordinated)
        entries = []
        for key in notes.partitions { if let start = try save(key, cluster) { entries.append(start) } }
        try append(entries)
    }

    private func save(_ key: TopicPartition, _ cluster: Cluster) throws(FileError) -> StoredEntry? {
        guard let log = cluster.log(of: key) else { return nil }
        var files = partitions[key] ?? PartitionFiles(folder(key), forces: forces)
        let segmentBytes = cluster.topics[key.topic]?.settings.segmentBytes ?? .max
        let hasMoved = try files.save(log, segmentBytes: segmentBytes)
        partitions[key] = files
        return hasMoved ? .start(key, log.startOffset) : nil
    }

    private func writeAll(_ cluster: Cluster) throws(FileError) {
        try rewriteJournal(cluster)
        for key in cluster.allPartitions { _ = try save(key, cluster) }
    }

    private func append(_ entries: [StoredEntry]) throws(FileError) {
        guard !entries.isEmpty else { return }
        var bytes = ByteBuffer()
        for entry in entries { entry.encode(into: &bytes) }
        try Files.append(bytes, to: journal, forced: forces)
        journalBytes += bytes.readableBytes
    }

    private func rewriteJournal(_ cluster: Cluster) throws(FileError) {
        var bytes = ByteBuffer()
        for entry in cluster.allStored { entry.encode(into: &bytes) }
        try Files.replace("\(journal).new", with: bytes, forced: forces)
        try Files.rename("\(journal).new", to: journal)
        if forces { try Files.force(path) }
        journalBytes = 0
        nextProducerID = cluster.transactions.nextProducerID
    }

    private var metadata: Logger.Metadata { ["log_directory": "\(path)"] }

    private func folder(_ partition: TopicPartition) -> String {
        "\(path)/\(partition.topic)-\(partition.partition)"
    }
}
