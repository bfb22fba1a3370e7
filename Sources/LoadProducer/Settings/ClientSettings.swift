// What both commands need to talk to brokers.

import Connector
import GoDuration
package import Kafka
import KafkaConnector
import LoadGenerators

package struct ClientSettings: Sendable {
    /// `host:port` each.
    package var brokers: [String]
    package var properties: [Configuration.Property]
    /// For `oauthbearer`.
    package var tokens: TokenProvider?

    init(_ settings: Settings) throws(SettingError) {
        let hosts = settings.list("brokers") ?? []
        guard !hosts.isEmpty else {
            throw settings.required("brokers", accepted: "at least one broker, as host:port")
        }
        brokers = []
        for host in hosts {
            guard let address = Self.address(host) else {
                throw settings.error("brokers", accepted: "host or host:port, separated by commas")
            }
            brokers.append(address)
        }
        let security = try KafkaSecurity(settings)
        properties = security.properties
        tokens = security.tokens
        for name in settings.names(withPrefix: LoadCatalog.propertyPrefix) {
            guard let value = settings.string(name) else { continue }
            let property = String(name.dropFirst(LoadCatalog.propertyPrefix.count))
            properties.append(.init(name: property, value: value))
        }
    }

    /// With the port that is Kafka's own where there is none; an IPv6 address stands in brackets.
    private static func address(_ text: String) -> String? {
        guard !text.contains(where: \.isWhitespace) else { return nil }
        let tail = text.lastIndex(of: "]").map { text[$0...].dropFirst() } ?? text[...]
        guard let colon = tail.lastIndex(of: ":") else { return text.isEmpty ? nil : "\(text):9092" }
        guard colon != text.startIndex, let port = Int(tail[tail.index(after: colon)...]), 1...65535 ~= port,
            text.first == "[" || text.filter({ $0 == ":" }).count == 1
        else { return nil }
        return text
    }

    /// - Parameter own: Set first, so that any property of the user's wins.
    package func configuration(_ own: (inout Configuration) -> Void) -> Configuration {
        var configuration = Configuration()
        configuration.bootstrapServers = brokers
        configuration.clientID = "load-producer"
        own(&configuration)
        for property in properties { configuration[property.name] = property.value }
        return configuration
    }
}

extension Settings {
    /// What they say of a generator.
    func generator<Value>(
        _ reading: (GeneratorSettings) -> () throws(InvalidSetting) -> Value
    ) throws(SettingError) -> Value {
        do { return try reading(GeneratorSettings { string($0) })() } catch {
            throw error.isNeeded
                ? required(error.name, accepted: error.accepted) : self.error(error.name, accepted: error.accepted)
        }
    }

    /// For what has no default and was not set.
    func required(_ name: String, accepted: String) -> SettingError {
        guard entry(name) == nil else { return error(name, accepted: accepted) }
        return SettingError(name: "--\(Origin.flagName(name))", value: nil, accepted: "\(accepted) is needed")
    }

    func number(
        _ name: String, default value: Double, in range: ClosedRange<Double>
    ) throws(SettingError) -> Double {
        try number(name, in: range) ?? value
    }

    func number(_ name: String, in range: ClosedRange<Double>) throws(SettingError) -> Double? {
        guard let text = string(name) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            let bounds = [range.lowerBound, range.upperBound].map { bound in
                bound == bound.rounded() && abs(bound) < 1e15 ? "\(Int(bound))" : "\(bound)"
            }
            throw error(name, accepted: "a number from \(bounds[0]) to \(bounds[1])")
        }
        return number
    }

    /// A duration that may be zero; `nil` if it is not set.
    func time(_ name: String) throws(SettingError) -> Duration? {
        guard let text = string(name) else { return nil }
        guard let duration = Duration(goDuration: text), duration < .seconds(366 * 24 * 3600) else {
            throw error(name, accepted: "a duration, such as 500ms, 30s or 1m30s")
        }
        return duration
    }

    /// A name of letters, digits, `.`, `_` and `-`.
    func name(_ setting: String) throws(SettingError) -> String? {
        guard let text = string(setting) else { return nil }
        guard VerificationHeader.isName(text) else {
            throw error(setting, accepted: "up to 64 letters, digits, dots, underscores and dashes")
        }
        return text
    }
}
