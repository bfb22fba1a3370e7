// What rabbitmq-connector can be told of its source. What concerns the gateway, the events and the log is named as for
// kafka-connector.

import Connector
import Foundation
import KafkaConnector
import RabbitMQSource

extension RabbitMQSourceConfiguration {
    static let about = "Invokes OpenFaaS functions with messages of RabbitMQ queues: a queue is a topic."

    static let settings: [SettingDescription] = [
        .init("topics", nil, "Queues, separated by commas; those that are not there are made, durable. Required."),
        .init(
            "broker_url", "amqp://rabbitmq:5672", "`amqp://HOST[:PORT][/VHOST]`, or `amqps://`, for TLS.",
            isSecret: true),
        .init("username_file", nil, "File of the user's name; else that in `broker_url`, or `guest`."),
        .init("password_file", nil, "File of the user's password; else that in `broker_url`, or `guest`."),
        .init("ca_file", nil, "PEM of who may have signed the server's certificate; else the system's."),
        .init("cert_file", nil, "PEM of the certificate that the server is shown."),
        .init("key_file", nil, "PEM of its key."),
        .init(
            "queue_type", "quorum",
            "Of queues that are made: `quorum`, or `classic`, which forgets acknowledgements with a killed server."),
        .init("dead_letter_exchange", nil, "Where queues that are made send what is rejected; else it is dropped."),
        .init("heartbeat", "20s", "How often either side gives a sign of life, 1s to 1h."),
    ]

    /// - Throws: For the first setting that cannot be used.
    init(_ settings: Settings, maxInFlight: Int) throws(SettingError) {
        self.init(
            server: try Self.server(settings), maxInFlight: maxInFlight,
            deadLetterExchange: settings.string("dead_letter_exchange"))
        queueType = try settings.choice("queue_type", default: queueType)
    }

    private static func server(_ settings: Settings) throws(SettingError) -> RabbitMQServer {
        let accepted = "amqp://HOST[:PORT][/VHOST] or amqps://HOST[:PORT][/VHOST]"
        let text = settings.string("broker_url") ?? "amqp://rabbitmq:5672"
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty,
            let isEncrypted = ["amqp": false, "amqps": true][url.scheme ?? ""],
            let port = UInt16(exactly: url.port ?? (isEncrypted ? 5671 : 5672)), port > 0,
            url.query == nil, url.fragment == nil, !url.path.dropFirst().contains("/")
        else {
            // Its value may hold a password.
            var error = settings.error("broker_url", accepted: accepted)
            if error.value?.contains("@") == true { error.value = "***" }
            throw error
        }
        var server = RabbitMQServer(host: host, port: port)
        if url.path.count > 1 { server.virtualHost = String(url.path.dropFirst()) }
        if let user = url.user { server.user = user }
        if let password = url.password { server.password = password }
        if let user = try settings.fileText("username_file") { server.user = user }
        if let password = try settings.fileText("password_file") { server.password = password }
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
}
