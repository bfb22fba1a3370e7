// What rabbitmq-connector can be told by environment variables. What concerns the gateway, the events and the log is
// named as for kafka-connector.

import Connector
import Foundation
import KafkaConnector
import OpenFaaSGateway
import RabbitMQSource

struct RabbitMQConnectorSettings: Sendable {
    var connector: ConnectorConfiguration
    var rabbitMQ: RabbitMQSourceConfiguration
    var gateway: OpenFaaSGatewayConfiguration
    var log: LogSettings
    var status: StatusAddress?

    static let help = """
        Invokes OpenFaaS functions with messages of RabbitMQ queues: a queue is a topic.

        Settings are environment variables; those of kafka-connector that do not name Kafka, and:

          broker_url              amqp://HOST[:PORT][/VHOST], or amqps://; default amqp://rabbitmq:5672
          topics                  Queues, separated by commas; those that are not there are made, durable.
          username_file           File of the user's name; default: guest, or the name in broker_url.
          password_file           File of the user's password.
          ca_file                 PEM of who may have signed the server's certificate; default: the system's.
          cert_file, key_file     PEM of the certificate that the server is shown, and of its key.
          dead_letter_exchange    Where queues that are made send what is rejected.
          queue_type              Of queues that are made: quorum, the default, or classic. A classic queue forgets
                                  acknowledgements when its server is killed: functions then see messages twice,
                                  at most once or not. Quorum queues log them; that is not tested here.
          heartbeat               Sign of life of either side; default 20s.

        Set ordering=none to invoke functions with several messages of one queue at once, up to max_in_flight.

        """

    /// - Throws: For the first variable that cannot be used.
    init(_ settings: Settings) throws(SettingError) {
        connector = try ConnectorConfiguration(settings)
        gateway = try OpenFaaSGatewayConfiguration(settings)
        log = try LogSettings(settings)
        status = try StatusAddress.read(settings)
        rabbitMQ = RabbitMQSourceConfiguration(
            server: try Self.server(settings), maxInFlight: connector.maxInFlight,
            deadLetterExchange: settings.string("dead_letter_exchange"))
        rabbitMQ.queueType = try settings.choice("queue_type", default: rabbitMQ.queueType)
    }

    private static func server(_ settings: Settings) throws(SettingError) -> RabbitMQServer {
        let accepted = "amqp://HOST[:PORT][/VHOST] or amqps://HOST[:PORT][/VHOST]"
        let text = settings.string("broker_url") ?? "amqp://rabbitmq:5672"
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty,
            let isEncrypted = ["amqp": false, "amqps": true][url.scheme ?? ""],
            let port = UInt16(exactly: url.port ?? (isEncrypted ? 5671 : 5672)), port > 0,
            url.query == nil, url.fragment == nil, !url.path.dropFirst().contains("/")
        else { throw settings.error("broker_url", accepted: accepted) }
        var server = RabbitMQServer(host: host, port: port)
        if url.path.count > 1 { server.virtualHost = String(url.path.dropFirst()) }
        if let user = url.user { server.user = user }
        if let password = url.password { server.password = password }
        if let user = try content(of: "username_file", settings) { server.user = user }
        if let password = try content(of: "password_file", settings) { server.password = password }
        server.heartbeat = try settings.duration("heartbeat", default: server.heartbeat)
        guard (.seconds(1) ... .seconds(3600)).contains(server.heartbeat) else {
            throw settings.error("heartbeat", accepted: "1s to 1h")
        }
        server.tls = try tls(settings, isEncrypted: isEncrypted)
        return server
    }

    private static func tls(_ settings: Settings, isEncrypted: Bool) throws(SettingError) -> RabbitMQServer.TLS? {
        for name in ["ca_file", "cert_file", "key_file"] where !isEncrypted && settings.string(name) != nil {
            throw settings.error(name, accepted: "together with an amqps:// broker_url")
        }
        guard isEncrypted else { return nil }
        let pair = (settings.string("cert_file"), settings.string("key_file"))
        if pair.0 != nil, pair.1 == nil {
            throw settings.error("key_file", accepted: "a file, where there is cert_file")
        }
        if pair.0 == nil, pair.1 != nil {
            throw settings.error("cert_file", accepted: "a file, where there is key_file")
        }
        return RabbitMQServer.TLS(
            authorities: settings.string("ca_file") ?? "/etc/ssl/certs/ca-certificates.crt", certificate: pair.0,
            key: pair.1)
    }

    /// Without the line's end that editors add.
    private static func content(of name: String, _ settings: Settings) throws(SettingError) -> String? {
        guard let path = settings.string(name) else { return nil }
        guard let data = SecurityFiles.content(of: path), let text = String(data: data, encoding: .utf8) else {
            throw settings.error(name, accepted: "a file of text that can be read")
        }
        return text.trimmingCharacters(in: .newlines)
    }
}
