import DequeModule

/// A process of a simulated system, which may crash and be started again.
// Sendable without a lock, for only jobs and events of the world's executor touch it, and that is one thread.
public final class SimulatedProcess: @unchecked Sendable {
    public let name: String
    public let node: NodeID
    /// The machine's own clock: it may be skewed, and jump.
    public let clock: SkewedClock
    public let world: SimulatedWorld
    private let main: @Sendable (SimulatedProcess) async throws -> Void
    private var task: Task<Void, Never>?
    /// Of lives that were ended.
    private var former: [Task<Void, Never>] = []
    private var life = 0
    private var inbox: Deque<SimulatedMessage> = []
    private var reader: CheckedContinuation<SimulatedMessage?, Never>?

    init(_ name: String, in world: SimulatedWorld, main: @escaping @Sendable (SimulatedProcess) async throws -> Void) {
        self.name = name
        self.world = world
        self.main = main
        node = world.network.addNode(name)
        clock = SkewedClock(world.executor)
    }

    public var isRunning: Bool { task != nil }

    // MARK: Life

    /// Ends the process where it stands: its tasks are cancelled, nothing that they still send leaves the machine, and
    /// what it had in memory or in its inbox is lost.
    public func crash() {
        guard task != nil else { return }
        world.journal.record("\(name) crashes")
        stop()
    }

    func stop() {
        guard let task else { return }
        world.network.takeDown(node)
        life += 1
        inbox.removeAll()
        reader?.resume(returning: nil)
        reader = nil
        task.cancel()
        former.append(task)
        self.task = nil
    }

    /// Runs the process from its beginning.
    public func restart() {
        guard task == nil else { return }
        life += 1
        let life = life
        world.journal.record("\(name) starts")
        world.network.bringUp(node)
        task = Task(executorPreference: world.executor) { [self] in
            do {
                try await main(self)
                if life == self.life { world.journal.record("\(name) ends") }
            } catch {
                if life == self.life { world.journal.record("\(name) fails: \(error)") }
            }
        }
    }

    func end() async {
        for task in former { await task.value }
    }

    // MARK: Messages

    /// Sends a datagram to another process. Of a life that has ended nothing is sent.
    public func send(_ content: any Sendable, to other: SimulatedProcess) {
        guard !Task.isCancelled, isRunning else { return }
        let message = SimulatedMessage(sender: self, content: content)
        world.network.send(from: node, to: other.node) { other.take(message) }
    }

    private func take(_ message: SimulatedMessage) {
        guard isRunning else { return }
        if let reader {
            self.reader = nil
            reader.resume(returning: message)
        } else {
            inbox.append(message)
        }
    }

    /// Waits for the next message; `nil` when the process ends. One task at a time may wait.
    public func receive() async -> SimulatedMessage? {
        guard !Task.isCancelled else { return nil }
        if let message = inbox.popFirst() { return message }
        return await withCheckedContinuation { reader = $0 }
    }

    /// Waits for the next message for so long, by the process's own clock; `nil` if none came.
    public func receive(within timeout: Duration) async -> SimulatedMessage? {
        guard !Task.isCancelled else { return nil }
        if let message = inbox.popFirst() { return message }
        let life = life
        let timer = world.executor.schedule(after: clock.trueDuration(of: timeout)) { [self] in
            guard life == self.life else { return }
            reader?.resume(returning: nil)
            reader = nil
        }
        let message = await withCheckedContinuation { reader = $0 }
        world.executor.cancel(timer)
        return message
    }
}

/// A message as its receiver sees it.
public struct SimulatedMessage: Sendable {
    public let sender: SimulatedProcess
    public let content: any Sendable
}
