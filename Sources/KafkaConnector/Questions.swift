package import Connector
package import Logging
package import NIOCore
import OpenFaaSGateway

/// What the command line asks about a connector without running it.
package struct Questions {
    private let settings: KafkaConnectorSettings
    private let eventLoop: any EventLoop

    package init(_ settings: KafkaConnectorSettings, on eventLoop: any EventLoop) {
        self.settings = settings
        self.eventLoop = eventLoop
    }

    /// - Throws: What a listing throws.
    package func explain(function: String, topic: String) async throws -> Explanation {
        try await withGateway { gateway in
            try await Explanation(function: function, topic: topic, of: gateway, by: settings.connector)
        }
    }

    /// - Parameter print: Gets each line of the result.
    /// - Throws: What a listing throws, or a broker answers.
    package func dryRun(
        from: DryRun.Bound, to: DryRun.Bound, logger: Logger, print: @escaping (String) throws -> Void
    ) async throws {
        try await withGateway { gateway in
            var run = try await DryRun(settings, gateway: gateway, print: print)
            try await run.run(from: from, to: to, logger: logger)
        }
    }

    private func withGateway<Value>(_ body: (OpenFaaSGateway) async throws -> Value) async throws -> Value {
        let gateway = try OpenFaaSGateway(settings.gateway, on: eventLoop)
        let result = await Result { try await body(gateway) }
        await gateway.shutDown()
        return try result.get()
    }
}
