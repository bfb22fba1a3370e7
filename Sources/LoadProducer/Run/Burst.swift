import Kafka
import LoadGenerators
import SeededRandom

/// The messages that are handed over next, and how far the run has come.
struct Burst {
    /// What is waited for where no message is due.
    enum Wait {
        /// In nanoseconds since the start.
        case until(UInt64)
        /// As many as there may be are without a report.
        case forReports
        case forLines
        case end
        case failed(Failure)
    }

    /// The most messages between two looks at the clock.
    private static let most = 64
    /// Large values go out a few at a time.
    private static let mostBytes = 1 << 18

    private var maker: RecordMaker
    private var lines: LineCursor?
    private var schedule: Schedule?
    private let duration: UInt64
    private let messages: Int
    private let warmUp: UInt64
    private let inFlight: Int

    private(set) var batches: [MessageBatch]
    private var gathered = 0
    private var sequence = 0
    /// Of the records made so far, those in transactions to be aborted.
    private var aborted = 0
    /// When the first message is meant to be sent that is not handed over, where there is a schedule.
    private(set) var due: UInt64?
    private var next: UInt64?
    var counts = ProducingRun.Counts()
    /// How much later than intended messages were handed over, where there is a schedule.
    private(set) var scheduleError = Latencies()
    var transaction: OpenTransaction?

    init(_ maker: RecordMaker, _ plan: ProducingRun.Plan, _ lines: LineCursor?, _ generator: inout SeededGenerator) {
        self.maker = maker
        self.lines = lines
        batches = maker.emptyBatches()
        let chance = generator.fork()
        schedule = plan.load.curve.map { Schedule($0, arrivals: plan.load.arrivals, generator: chance) }
        next = schedule?.next()
        duration = plan.load.duration.map { UInt64($0 / .nanoseconds(1)) } ?? .max
        messages = plan.load.messages ?? .max
        warmUp = UInt64(plan.load.warmUp / .nanoseconds(1))
        inFlight = plan.load.inFlight ?? .max
        transaction = plan.transactions.map { OpenTransaction($0, generator.fork()) }
    }

    var isEmpty: Bool { gathered == 0 }

    mutating func removeAll() {
        for index in batches.indices { batches[index].removeAll() }
        gathered = 0
    }

    /// Adds what is to be sent by now.
    ///
    /// - Parameters:
    ///   - now: In nanoseconds since the start.
    ///   - unreported: Messages that were sent and have no report, where these are limited.
    ///   - startTime: In nanoseconds since 1970.
    /// - Returns: What kept it from adding more.
    mutating func gather(now: UInt64, unreported: Int, startTime: Int64) -> Wait {
        transaction?.prepare()
        let most = min(Self.most, transaction?.left ?? .max, max(0, inFlight - unreported))
        due = schedule == nil ? nil : next
        let milliseconds = startTime / 1_000_000 + Int64(now / 1_000_000)
        for index in batches.indices { batches[index].now = milliseconds }
        var size = 0
        while gathered < most, size < Self.mostBytes {
            guard sequence < messages else { return .end }
            let intended: UInt64
            if schedule == nil {
                guard now < duration else { return .end }
                intended = now
            } else {
                guard let next, next < duration else { return .end }
                guard next <= now else { return .until(next) }
                intended = next
            }
            var line: ArraySlice<UInt8> = []
            if lines != nil {
                switch lines?.advance() {
                case .ready: line = lines?.take() ?? []
                case .nothing: return .forLines
                case .failed(let failure): return .failed(failure)
                case .end, nil: return .end
                }
            }
            if schedule != nil { next = schedule?.next() }
            let isToBeAborted = transaction?.isToBeAborted ?? false
            size += maker.make(
                sequence, intended: startTime + Int64(intended), token: UInt(intended), line: line, aborted: aborted,
                isToBeAborted: isToBeAborted, into: &batches)
            sequence += 1
            gathered += 1
            if isToBeAborted { aborted += 1 }
        }
        return .forReports
    }

    /// Messages of a batch were handed over.
    ///
    /// - Parameter now: In nanoseconds since the start.
    mutating func count(_ range: Range<Int>, of topic: Int, at now: UInt64) {
        for message in batches[topic].messages[range] {
            if schedule != nil { scheduleError.record((now - min(now, UInt64(message.token))) / 1_000) }
            let size = message.byteCount
            counts.sent += 1
            counts.bytes += size
            if UInt64(message.token) >= warmUp {
                counts.measured += 1
                counts.measuredBytes += size
            }
        }
        guard transaction != nil else { return }
        transaction?.count += range.count
        if transaction?.isToBeAborted == true { counts.aborted += range.count }
    }
}

/// The transaction under way, and whether it is to be aborted, which chance decides before its first message.
struct OpenTransaction {
    private let settings: ProduceSettings.Transactions
    private var generator: SeededGenerator
    /// Messages of it that were handed over.
    var count = 0
    private var isPrepared = false
    private(set) var isOpen = false
    private(set) var isToBeAborted = false

    init(_ settings: ProduceSettings.Transactions, _ generator: SeededGenerator) {
        self.settings = settings
        self.generator = generator
    }

    /// How many messages it can still have.
    var left: Int { settings.size - count }
    var isComplete: Bool { left <= 0 }

    mutating func prepare() {
        guard !isPrepared else { return }
        isPrepared = true
        count = 0
        isToBeAborted = Double.random(in: 0..<1, using: &generator) < settings.abortRatio
    }

    mutating func open() { isOpen = true }

    mutating func end() {
        isOpen = false
        isPrepared = false
    }
}
