package import Connector

/// Where the connector answers probes: `host:port`.
package struct StatusAddress: Equatable, Sendable {
    package var host: String
    package var port: Int

    static let standard = "0.0.0.0:8081"

    /// Reads `status_listen`; `nil` for `off`.
    package static func read(_ settings: Settings) throws(SettingError) -> StatusAddress? {
        let text = settings.string("status_listen") ?? standard
        if text == "off" { return nil }
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            0...65535 ~= port, colon != text.startIndex
        else {
            throw settings.error("status_listen", accepted: "host:port, such as \(standard) or [::]:8081, or off")
        }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        return StatusAddress(host: String(isBracketed ? host.dropFirst().dropLast() : host), port: port)
    }
}
