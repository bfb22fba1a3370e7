// A whole simulated system from one seed: executor, clock, network, journal, checks, and processes that may crash.

/// What the parts of a simulated system share.
public final class SimulatedWorld: Sendable {
    public let seed: UInt64
    public let executor: SeededExecutor
    public let network: SimulatedNetwork
    public let journal: Journal
    public let checks: Checks
    private let processes = Confined<[SimulatedProcess]>([])

    private init(seed: UInt64, stepLimit: Int, quality: LinkQuality) {
        self.seed = seed
        executor = SeededExecutor(seed: seed, stepLimit: stepLimit)
        network = SimulatedNetwork(executor, seed: seed, quality: quality)
        journal = Journal(clock: executor.clock)
        checks = Checks(executor)
    }

    public var clock: VirtualClock { executor.clock }

    /// Runs one seed, until `body` returns; its processes end with it.
    ///
    /// - Returns: The world as it was left, with its journal and checks.
    /// - Throws: What `body` throws, or `SimulationError`.
    @discardableResult
    public static func run(
        seed: UInt64, stepLimit: Int = 10_000_000, quality: LinkQuality = LinkQuality(),
        _ body: @escaping @Sendable (SimulatedWorld) async throws -> Void
    ) throws -> SimulatedWorld {
        let world = SimulatedWorld(seed: seed, stepLimit: stepLimit, quality: quality)
        try world.executor.run {
            let result: Result<Void, any Error>
            do { result = .success(try await body(world)) } catch { result = .failure(error) }
            for process in world.processes.value { process.stop() }
            for process in world.processes.value { await process.end() }
            try result.get()
        }
        return world
    }

    /// Starts a process: `main` runs until it returns or the process crashes.
    ///
    /// What `main` captures from outside stays over a crash, like a disk; what it makes is lost, like memory.
    @discardableResult
    public func start(
        _ name: String, _ main: @escaping @Sendable (SimulatedProcess) async throws -> Void
    ) -> SimulatedProcess {
        let process = SimulatedProcess(name, in: self, main: main)
        processes.value.append(process)
        process.restart()
        return process
    }
}
