package import Connector

/// Where Kafka is, as users write it: `kafka`, `kafka:9093`, `a:9092,b:9092`, `[::1]:9092`.
package struct BrokerList: Equatable, Sendable, CustomStringConvertible {
    /// The port of a broker that names none.
    package static let defaultPort = 9092

    /// `host:port` for each broker, in the order given.
    package let brokers: [String]

    /// As librdkafka's `bootstrap.servers` takes it.
    package var description: String { brokers.joined(separator: ",") }

    /// Reads a comma-separated list; `name` is the setting that errors name.
    package init(_ text: String, name: String) throws(SettingError) {
        var brokers: [String] = []
        for item in TopicMap.topics(in: text, delimiter: ",") {
            guard let broker = Self.withPort(item) else {
                throw SettingError(
                    name: name, value: text,
                    accepted: "a host, host:port or [IPv6]:port, or several separated by commas; a port is 1 to 65535")
            }
            brokers.append(broker)
        }
        guard !brokers.isEmpty else {
            throw SettingError(name: name, value: text, accepted: "a host or host:port, such as kafka:9092")
        }
        self.brokers = brokers
    }

    private static func withPort(_ item: String) -> String? {
        let host: Substring
        let rest: Substring
        if item.hasPrefix("["), let end = item.firstIndex(of: "]") {
            host = item[...end]
            rest = item[item.index(after: end)...]
        } else {
            host = item.prefix { $0 != ":" }
            rest = item[host.endIndex...]
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" }) else { return nil }
        if rest.isEmpty { return "\(host):\(defaultPort)" }
        guard rest.first == ":", let port = UInt16(rest.dropFirst()), port > 0 else { return nil }
        return "\(host):\(port)"
    }
}
