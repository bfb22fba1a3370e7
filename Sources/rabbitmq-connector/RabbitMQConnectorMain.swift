// RabbitMQ as the source of a connector; everything else is what all connectors share.

import Connector
import KafkaConnector
import RabbitMQSource

@main
struct RabbitMQConnectorMain {
    static func main() async {
        await ConnectorProgram(
            "rabbitmq-connector", about: RabbitMQSourceConfiguration.about,
            settings: RabbitMQSourceConfiguration.settings, defaults: [:],
            words: .init(notJoined: "no queue is consumed yet", notConnected: "RabbitMQ is not reached")
        ) { settings, connector throws(SettingError) in
            let configuration = try RabbitMQSourceConfiguration(settings, maxInFlight: connector.maxInFlight)
            return { _, logger in ProgramSource(try RabbitMQSource(configuration, logger: logger)) }
        }.main()
    }
}
