// AWS SNS as the source of a connector; everything else is what all connectors share.

import Connector
import KafkaConnector
import SNSSource

@main
struct SNSConnectorMain {
    static func main() async {
        await ConnectorProgram(
            "sns-connector", about: SNSConnectorSettings.about, settings: SNSConnectorSettings.all,
            // SNS promises no order, and a topic is one partition.
            defaults: ["ordering": "none"],
            words: .init(notJoined: "the endpoint does not listen yet", notConnected: "the endpoint does not listen")
        ) { settings, connector throws(SettingError) in
            let mine = try SNSConnectorSettings(settings, maxInFlight: connector.maxInFlight)
            return { loop, logger in
                let source = try SNSSource(
                    mine.source, on: loop, fetcher: HTTPFetcher(on: loop, tls: mine.fetchTLS, standIn: mine.standIn),
                    logger: logger)
                return ProgramSource(source, metrics: { source.statistics.text })
            }
        }.main()
    }
}
