package import Connector

/// Where the connector answers probes: `host:port`.
package struct StatusAddress: Equatable, Sendable {
    package var host: String
    package var port: Int

    static let standard = "0.0.0.0:8081"

    /// Where `/metrics` is, once it listens.
    ///
    /// - Parameter listening: Another port than its own, if the system chose it.
    package func metricsURL(listening: Int) -> String {
        "http://\(host.contains(":") ? "[\(host)]" : host):\(listening)/metrics"
    }

    /// Reads `status_listen`; `nil` for `off`.
    package static func read(_ settings: Settings) throws(SettingError) -> StatusAddress? {
        if settings.string("status_listen") == "off" { return nil }
        return try read("status_listen", settings, default: standard, accepted: ", or off")
    }

    /// - Parameter accepted: What else than an address.
    package static func read(
        _ name: String, _ settings: Settings, default standard: String, accepted: String = ""
    ) throws(SettingError) -> StatusAddress {
        let text = settings.string(name) ?? standard
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            0...65535 ~= port, colon != text.startIndex
        else {
            throw settings.error(name, accepted: "host:port, such as \(standard) or [::]:8081\(accepted)")
        }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        return StatusAddress(host: String(isBracketed ? host.dropFirst().dropLast() : host), port: port)
    }
}
