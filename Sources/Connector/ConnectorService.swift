public import ServiceLifecycle

extension Connector: Service {
    /// `consume`, which drains when the service group shuts down gracefully.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await gracefulShutdown()
                await self.drain()
            }
            try await self.consume()
            group.cancelAll()
        }
    }
}
