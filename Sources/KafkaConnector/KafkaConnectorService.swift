// Where the parts of the Kafka connector meet: source, gateway and core on one event loop.

package import Connector
import HTTP
import KafkaSource
package import Logging
package import NIOCore
import OpenFaaSGateway
import ServiceLifecycle

/// The Kafka connector as a service, for the executable and for the simulator alike.
package final class KafkaConnectorService: Service {
    package let connector: Connector
    package let metrics = Metrics()
    private let source: KafkaSource
    private let group: String
    private let gateway: OpenFaaSGateway
    private let executor: EventLoopTaskExecutor

    /// - Parameters:
    ///   - eventLoop: Where the connector and its connections run.
    ///   - observers: See every step beside the log.
    /// - Throws: For settings that librdkafka or the gateway's client does not take.
    package init(
        _ settings: KafkaConnectorSettings, on eventLoop: any EventLoop, observers: [any ConnectorObserver] = [],
        logger: Logger
    ) throws {
        executor = EventLoopTaskExecutor(eventLoop)
        gateway = try OpenFaaSGateway(settings.gateway, on: eventLoop)
        source = try KafkaSource(settings.kafka, logger: logger)
        group = settings.kafka.group
        connector = Connector(
            configuration: settings.connector, source: source, gateway: gateway,
            observer: Observers([LogObserver(logger, options: settings.log), metrics] + observers),
            time: TimeSource(ContinuousClock()), generator: SystemRandomNumberGenerator())
        if case .named(let topics) = settings.connector.topics {
            logger.info("Binding to topics: [\(topics.joined(separator: ","))]")
        }
    }

    /// What `/metrics` answers now.
    package var metricsText: String { metrics.text(group: group, statistics: source.statistics, now: .now) }

    /// Runs until the service group shuts down or Kafka refuses for good; events in hand are handled first.
    package func run() async throws {
        do {
            try await withTaskExecutorPreference(executor) { try await connector.run() }
        } catch {
            await gateway.shutDown()
            throw error
        }
        await gateway.shutDown()
    }
}
