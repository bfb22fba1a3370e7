// Where the parts of the Kafka connector meet: source, gateway and core on one event loop.

package import Connector
import Foundation
import HTTP
import KafkaSource
package import Logging
package import NIOCore
import OpenFaaSGateway
import ServiceLifecycle
import Synchronization

/// The Kafka connector as a service, for the executable and for the simulator alike.
package final class KafkaConnectorService: Service {
    package let connector: Connector
    package let metrics: Metrics
    private let source: KafkaSource
    private let deadLetters: DeadLetterTopic?
    private let group: String
    private let detail: Metrics.Detail
    private let gateway: OpenFaaSGateway
    private let executor: EventLoopTaskExecutor
    private let files: SecurityFileWatch
    private let reloadInterval: Duration
    private let settingsAnew: @Sendable () throws -> KafkaConnectorSettings
    private let logger: Logger
    private let next = Mutex<KafkaConnectorSettings?>(nil)

    /// What to make another service of, if `run` returned because certificates changed.
    package var settingsOfNext: KafkaConnectorSettings? { next.withLock { $0 } }

    /// - Parameters:
    ///   - eventLoop: Where the connector and its connections run.
    ///   - observers: See every step beside the log.
    ///   - earlier: The service that this one takes the place of.
    ///   - settingsAnew: The settings as they are now; throws if no service could be made of them and their files.
    /// - Throws: For settings that librdkafka or the gateway's client does not take.
    package init(
        _ settings: KafkaConnectorSettings, on eventLoop: any EventLoop, observers: [any ConnectorObserver] = [],
        logger: Logger, after earlier: KafkaConnectorService? = nil,
        settingsAnew: @escaping @Sendable () throws -> KafkaConnectorSettings
    ) throws {
        files = settings.files
        reloadInterval = settings.reloadInterval
        self.settingsAnew = settingsAnew
        self.logger = logger
        executor = EventLoopTaskExecutor(eventLoop)
        gateway = try OpenFaaSGateway(settings.gateway, on: eventLoop)
        let source = try KafkaSource(settings.kafka, logger: logger)
        self.source = source
        // It would be asked for ever: the connector ends, and a new one has a producer that works.
        deadLetters = try settings.deadLetterTopic.map {
            try DeadLetterTopic($0, settings.kafka, logger: logger, onFailure: source.fail)
        }
        group = settings.kafka.group
        detail = settings.metricsDetail
        metrics = Metrics(
            maxInFlight: settings.connector.maxInFlight,
            followsAnnotations: settings.connector.topics == .annotated, after: earlier?.metrics)
        connector = Connector(
            configuration: settings.connector, source: source, gateway: gateway, deadLetters: deadLetters,
            observer: Observers([LogObserver(logger, options: settings.log.options), metrics] + observers),
            time: TimeSource(ContinuousClock()), generator: SystemRandomNumberGenerator())
        if case .named(let topics) = settings.connector.topics {
            logger.info("Binding to topics: [\(topics.joined(separator: ","))]")
        }
    }

    /// What `/metrics` answers now.
    package var metricsText: String {
        metrics.text(
            group: group, member: source.memberID, detail: detail, progress: source.progress, now: .now,
            nowMilliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    package var statusAnswers: StatusAnswers {
        StatusAnswers(
            missing: { self.metrics.missing }, metrics: { self.metricsText },
            explain: { try await self.connector.explain(function: $0, topic: $1, by: self.gateway) })
    }

    /// Runs until the service group shuts down or Kafka refuses for good; events in hand are handled first.
    package func run() async throws {
        let result = await Result {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.watchFiles() }
                try await withTaskExecutorPreference(executor) { try await connector.run() }
                group.cancelAll()
            }
        }
        await deadLetters?.close()
        await gateway.shutDown()
        try result.get()
    }

    // MARK: Credentials

    private func watchFiles() async {
        guard !files.isEmpty else { return }
        var watch = files
        var mustBeginAnew = false
        while true {
            do { try await Task.sleep(for: reloadInterval) } catch { return }
            let change = watch.look()
            switch change {
            case .none: break
            case .credentials(let user, let password): await setCredentials(user, password)
            case .gateway: await renewGatewayTLS()
            case .restart: mustBeginAnew = true
            }
            // Until all files fit together: any of them may be on its way.
            if mustBeginAnew, await beginAnew(tells: change != .none) { return }
        }
    }

    /// Returns whether the connector drains, to begin anew.
    private func beginAnew(tells: Bool) async -> Bool {
        do {
            let settings = try settingsAnew()
            next.withLock { $0 = settings }
        } catch {
            if tells {
                logger.error("Kafka's new certificates cannot be used, and the client stays as it is: \(error)")
            }
            return false
        }
        logger.notice("Kafka's certificates have changed: draining, to begin anew with them")
        await connector.drain()
        return true
    }

    private func renewGatewayTLS() async {
        do {
            try await gateway.renewTLS()
            logger.notice("The gateway's certificates have changed: new connections use them")
        } catch {
            // Whatever makes them fit is a change that is seen.
            logger.error("The gateway's new certificates cannot be used, and the old ones stay: \(error)")
        }
    }

    private func setCredentials(_ user: String, _ password: String) async {
        do {
            try await source.setCredentials(user: user, password: password)
            try deadLetters?.setCredentials(user: user, password: password)
            logger.notice("Kafka's credentials have changed: new connections log in with them")
        } catch {
            logger.error("Kafka's new credentials could not be set: \(error)")
        }
    }
}

extension Connector {
    /// Why a function is bound to a topic or not, asked of the gateway now, and what is in force.
    /// - Throws: What a listing throws.
    func explain(function: String, topic: String, by gateway: any Gateway) async throws -> String {
        let explanation = try await Explanation(function: function, topic: topic, of: gateway, by: configuration)
        let bound = functions(for: topic).map(\.description).joined(separator: ", ")
        return explanation.text + "in force for \(topic): \(bound.isEmpty ? "no function" : bound)\n"
    }
}
