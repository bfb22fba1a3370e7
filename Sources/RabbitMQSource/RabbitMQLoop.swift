// The source's own thread: it alone calls librabbitmq, which blocks.
//
// It connects, and again with backoff and jitter; gives every queue a channel of its own, so that one that is lost
// takes nothing of the others with it; carries out commands and passes on what the server delivers. What fails is told
// and tried again, but for refused credentials before the first connection, which end the source.

internal import Connector
internal import Logging
internal import Threads

final class RabbitMQLoop {
    private struct Queue {
        let name: String
        let channel: UInt16
        let epoch: UInt64
        let prefetch: UInt16
        /// Messages that came.
        var delivered = 0
        /// Messages acknowledged or refused.
        var settled = 0

        /// Whether the server has settled the first `count` of them: it delivers only so many ahead.
        func hasSettled(_ count: Int) -> Bool { delivered - Int(prefetch) >= count }
    }

    private struct Delayed {
        let due: ContinuousClock.Instant
        let tag: DeliveryTag
    }

    private let configuration: RabbitMQSourceConfiguration
    private let shared: Shared
    private let logger: Logger
    private let clock = ContinuousClock()

    private var connection: Connection?
    private var queues: [UInt16: Queue] = [:]
    private var lastChannel: UInt16 = 0
    /// Of queues that were tried. Only looked up.
    private var canBeAsked: [String: Bool] = [:]
    /// To be requeued once they are due.
    private var delayed: [Delayed] = []
    /// When queues that could not be consumed are tried again.
    private var retryAt: ContinuousClock.Instant?
    private var failures = 0
    private var wasConnected = false

    init(_ configuration: RabbitMQSourceConfiguration, _ shared: Shared, _ logger: Logger) {
        self.configuration = configuration
        self.shared = shared
        self.logger = logger
    }

    func run() {
        while !shared.isClosing {
            do throws(RabbitMQError) {
                try connect()
                try serve()
            } catch {
                disconnect(error)
                if (error.reach == .access && !wasConnected) || error.reach == .configuration {
                    shared.fail(error)
                    break
                }
                backOff()
            }
        }
        connection?.close()
        connection = nil
        shared.leave()
    }

    // MARK: Connection

    private func connect() throws(RabbitMQError) {
        let connection = try Connection(configuration.server)
        self.connection = connection
        guard shared.setConnected(true) else { return }
        wasConnected = true
        logger.debug("connected to RabbitMQ at \(configuration.server.address)")
        shared.tell(.connected(to: configuration.server.address))
    }

    private func disconnect(_ error: RabbitMQError) {
        let wasOpen = connection != nil
        connection = nil
        shared.close(queues.values.map(\.name))
        queues = [:]
        delayed = []
        retryAt = nil
        lastChannel = 0
        _ = shared.setConnected(false)
        shared.tell(wasOpen ? .disconnected(reason: error.description) : .transientFailure(error.description))
        if wasOpen { shared.tellHeld() }
    }

    private func backOff() {
        failures += 1
        let end = clock.now + backoff
        while clock.now < end && !shared.isClosing { shared.wake.wait(for: nil, timeout: clock.now.duration(to: end)) }
    }

    /// Doubles from a hundredth of the longest; half of it is by chance, so that many connectors do not come at once.
    private var backoff: Duration {
        let longest = configuration.longestBackoff
        let whole = min(longest, longest / 100 * (1 << min(failures, 10)))
        return whole * Double.random(in: 0.5...1)
    }

    // MARK: Serving

    private func serve() throws(RabbitMQError) {
        while true {
            try followSubscription()
            try carryOutCommands()
            if shared.isClosing {
                // What was settled before the source was closed.
                try carryOutCommands()
                return
            }
            try requeueDue()
            try receive()
            shared.deliver()
            if let connection { shared.wake.wait(for: connection.descriptor, timeout: timeToNextStep) }
        }
    }

    private var timeToNextStep: Duration {
        let dues = delayed.map(\.due) + [retryAt].compactMap { $0 }
        let due = dues.min().map { clock.now.duration(to: $0) } ?? .seconds(3600)
        // librabbitmq sends heartbeats only when it is called.
        return max(.zero, min(due, configuration.server.heartbeat / 4, .seconds(5)))
    }

    private func receive() throws(RabbitMQError) {
        guard let connection else { return }
        while let incoming = try connection.next() {
            switch incoming {
            case .message(let message):
                failures = 0
                queues[message.channel]?.delivered += 1
                if let queue = queues[message.channel] { shared.store(queue.name, message) }
            case .ignored: break
            case .cancelled(let channel):
                if let queue = queues[channel] {
                    try? connection.closeChannel(channel)
                    lose(queue, "the server ended the consumer of queue \(queue.name)")
                }
            case .channelClosed(let channel, let error):
                if let queue = queues[channel] { lose(queue, error.description) }
            }
        }
    }

    // MARK: Queues

    /// The queue's channel is gone; the next round opens another.
    private func lose(_ queue: Queue, _ reason: String) {
        queues[queue.channel] = nil
        delayed.removeAll { $0.tag.epoch == queue.epoch }
        shared.close([queue.name])
        shared.tell(.transientFailure(reason))
        shared.tellHeld()
    }

    private func followSubscription() throws(RabbitMQError) {
        guard let connection else { return }
        let topics = shared.topics
        let gone = queues.values.filter { !topics.contains($0.name) }.sorted { $0.channel < $1.channel }
        for queue in gone {
            queues[queue.channel] = nil
            delayed.removeAll { $0.tag.epoch == queue.epoch }
            shared.close([queue.name])
            try connection.closeChannel(queue.channel)
        }
        let held = Set(queues.values.map(\.name))
        let missing = topics.filter { !held.contains($0) }
        var isChanged = !gone.isEmpty
        if retryAt.map({ $0 <= clock.now }) ?? true {
            retryAt = nil
            for name in missing where try open(name, of: topics.count, connection) { isChanged = true }
        }
        if isChanged { shared.tellHeld() }
    }

    /// Makes the queue if it is not there, and consumes it.
    private func open(_ name: String, of count: Int, _ connection: Connection) throws(RabbitMQError) -> Bool {
        let channel = try freeChannel()
        let prefetch = configuration.prefetch(queues: count)
        do throws(RabbitMQError) {
            try connection.openChannel(channel)
            do throws(RabbitMQError) {
                try connection.declare(queue: name, isPassive: true, on: channel)
            } catch  where error.code == 404 {
                try connection.openChannel(channel)
                try connection.declare(
                    queue: name, isPassive: false, type: configuration.queueType,
                    deadLetterExchange: configuration.deadLetterExchange, on: channel)
            }
            let epoch = shared.open(name)
            queues[channel] = Queue(name: name, channel: channel, epoch: epoch, prefetch: prefetch)
            try connection.consume(queue: name, prefetch: prefetch, on: channel)
            return true
        } catch  where error.reach == .channel {
            queues[channel] = nil
            shared.close([name])
            failures += 1
            retryAt = clock.now + backoff
            shared.tell(.transientFailure(error.description))
            return false
        }
    }

    private func freeChannel() throws(RabbitMQError) -> UInt16 {
        for _ in 0..<UInt16.max {
            lastChannel = lastChannel == .max ? 1 : lastChannel + 1
            if queues[lastChannel] == nil { return lastChannel }
        }
        throw RabbitMQError(.connection, "no channel left")
    }

    private func channel(of tag: DeliveryTag) -> Queue? { queues.values.first { $0.epoch == tag.epoch } }

    // MARK: Commands

    private func carryOutCommands() throws(RabbitMQError) {
        var commands = shared.takeCommands()[...]
        while let command = commands.popFirst() {
            do throws(RabbitMQError) {
                switch command {
                case .acknowledge(let tags, let reply): try acknowledge(tags, reply)
                case .settle(let settled): for (tag, verdict) in settled { try settle(tag, verdict) }
                }
            } catch {
                for case .acknowledge(_, let reply) in commands { reply.resume(returning: []) }
                throw error
            }
        }
    }

    /// Acknowledges, and waits for each queue until that holds.
    private func acknowledge(
        _ tags: [DeliveryTag], _ reply: CheckedContinuation<Set<DeliveryTag>, Never>
    ) throws(RabbitMQError) {
        var taken: Set<DeliveryTag> = []
        defer { reply.resume(returning: taken) }
        guard let connection else { return }
        var byEpoch: [UInt64: [DeliveryTag]] = [:]
        for tag in tags { byEpoch[tag.epoch, default: []].append(tag) }
        for epoch in byEpoch.keys.sorted() {
            guard let own = byEpoch[epoch], let queue = own.first.flatMap({ channel(of: $0) }) else { continue }
            do throws(RabbitMQError) {
                for tag in own { try connection.acknowledge(tag.tag, on: queue.channel) }
                queues[queue.channel]?.settled += own.count
                if try waitUntilLogged(queue.channel, connection) { taken.formUnion(own) }
            } catch  where error.reach == .channel {
                lose(queue, error.description)
            }
        }
    }

    /// Waits until a quorum queue has logged what was settled, so that it does not come again if the server is killed.
    /// AMQP has no answer for that. But the queue delivers the next message only once it has logged a settlement; and
    /// asking it for a message is logged in its turn, and takes none where none waits.
    ///
    /// - Returns: Whether the channel is still there.
    private func waitUntilLogged(_ channel: UInt16, _ connection: Connection) throws(RabbitMQError) -> Bool {
        guard let count = queues[channel]?.settled else { return false }
        var (end, delivered) = (clock.now + configuration.server.timeout, 0)
        // Signals that the waits below take are for the next round.
        defer { shared.wake.signal() }
        while let queue = queues[channel] {
            if queue.hasSettled(count) { return true }
            // Where nothing waits, nothing is taken.
            if try connection.declare(queue: queue.name, isPassive: true, on: channel).ready == 0 {
                if try canAsk(queue.name, connection) { try askForMessage(queue, connection) }
                return true
            }
            if queue.delivered > delivered {
                (end, delivered) = (clock.now + configuration.server.timeout, queue.delivered)
            }
            guard clock.now < end else {
                throw RabbitMQError(.connection, "queue \(queue.name) does not take what is settled")
            }
            shared.wake.wait(for: connection.descriptor, timeout: .milliseconds(5))
            try receive()
        }
        return false
    }

    private func askForMessage(_ queue: Queue, _ connection: Connection) throws(RabbitMQError) {
        // One that came at this moment, while as many are out as may be, goes back to its place.
        if let tag = try connection.get(queue: queue.name, on: queue.channel) {
            try connection.refuse(tag, requeues: true, on: queue.channel)
        }
    }

    /// Whether the queue can be asked for a message: not one with a single active consumer. Tried on a channel of its
    /// own, for the server closes that with its refusal.
    private func canAsk(_ name: String, _ connection: Connection) throws(RabbitMQError) -> Bool {
        if let known = canBeAsked[name] { return known }
        let channel = try freeChannel()
        try connection.openChannel(channel)
        do throws(RabbitMQError) {
            // The end of the channel gives back what it got.
            _ = try connection.get(queue: name, on: channel)
            try connection.closeChannel(channel)
            canBeAsked[name] = true
            return true
        } catch  where error.reach == .channel {
            canBeAsked[name] = false
            return false
        }
    }

    private func settle(_ tag: DeliveryTag, _ verdict: Verdict) throws(RabbitMQError) {
        guard let connection, let queue = channel(of: tag) else { return }
        switch verdict {
        case .accept:
            queues[queue.channel]?.settled += 1
            try connection.acknowledge(tag.tag, on: queue.channel)
        case .reject:
            queues[queue.channel]?.settled += 1
            try connection.refuse(tag.tag, requeues: false, on: queue.channel)
        case .retry(let wait):
            // RabbitMQ would deliver it again at once.
            delayed.append(Delayed(due: clock.now + max(.zero, wait), tag: tag))
        }
    }

    private func requeueDue() throws(RabbitMQError) {
        guard !delayed.isEmpty, let connection else { return }
        let now = clock.now
        let due = delayed.filter { $0.due <= now }
        delayed.removeAll { $0.due <= now }
        for entry in due {
            guard let queue = channel(of: entry.tag) else { continue }
            queues[queue.channel]?.settled += 1
            try connection.refuse(entry.tag.tag, requeues: true, on: queue.channel)
        }
    }
}
