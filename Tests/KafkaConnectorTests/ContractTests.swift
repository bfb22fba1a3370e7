import Connector
import KafkaConnector
import Testing

/// The settings that connectors before this one had: the open-source ones of 2018 to 2020, and the commercial one's,
/// its license aside.
@Suite struct ContractTests {
    private static let names: [(name: String, value: String)] = [
        ("gateway_url", "http://gateway.openfaas:8080"), ("topics", "faas-request,"), ("broker_host", "kafka"),
        ("broker_hosts", "kf-kafka:9092,other:9093"), ("upstream_timeout", "2m"), ("rebuild_interval", "30s"),
        ("print_response", "1"), ("print_response_body", "true"), ("print_request_body", "0"), ("print_sync", "true"),
        ("asynchronous_invocation", "true"), ("topic_delimiter", ","), ("content_type", "text/plain"),
        ("basic_auth", "1"), ("secret_mount_path", "/var/secrets"), ("group", "faas-group-1"),
        ("initial_offset", "newest"), ("max_bytes", "1048576"), ("log_sessions", "true"), ("debug", "false"),
        ("log_encoding", "console"), ("log_encoding", "json"), ("tls", "true"), ("verify_ssl", "false"),
    ]

    @Test(arguments: names)
    func `each is an environment variable and a flag, with the values it had`(name: String, value: String) throws {
        let environment = ["topics": "a"].merging([name: value]) { $1 }
        _ = try KafkaConnectorSettings(Settings(environment: environment))
        let flag = "--\(name.replacing("_", with: "-"))"
        let flags = try Invocation([flag, value]).settings(environment: ["topics": "a"])
        #expect(flags.entry(name)?.origin == .flag)
        _ = try KafkaConnectorSettings(flags)
    }

    @Test(arguments: ["username_file", "password_file", "ca_file", "cert_file", "key_file"])
    func `each file is a setting`(name: String) {
        #expect(SettingCatalog.list.contains(name))
    }
}
