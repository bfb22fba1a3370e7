import Connector
import Foundation
package import Logging

/// Writes the log as one JSON object a line: `ts`, `level`, `msg`, `logger`, then the line's fields by name.
package struct JSONLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel = Logger.Level.info
    private let label: String
    private let write: @Sendable (String) -> Void

    /// - Parameter write: Gets each line, with its end; standard error unless given.
    package init(label: String, write: @escaping @Sendable (String) -> Void = Self.toStandardError) {
        self.label = label
        self.write = write
    }

    /// A line goes out whole, for it is one call of the system. Without a reader there is nobody to tell.
    package static let toStandardError: @Sendable (String) -> Void = { line in
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let milliseconds = Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))
        write(line(event, at: Timestamp.rfc3339(milliseconds: milliseconds)))
    }

    private func line(_ event: LogEvent, at time: String) -> String {
        var members = [
            "\"ts\":\"\(time)\"", "\"level\":\"\(event.level)\"", "\"msg\":\(JSONText.quoted("\(event.message)"))",
            "\"logger\":\(JSONText.quoted(label))",
        ]
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
        // What a line says of itself is not for its fields to say again.
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where !["ts", "level", "msg"].contains(name) {
            members.append(Self.member(name, value))
        }
        return "{\(members.joined(separator: ","))}\n"
    }

    private static func json(_ value: Logger.Metadata.Value) -> String {
        switch value {
        case .string(let text): JSONText.quoted(text)
        case .stringConvertible(let number as any BinaryInteger): "\(number)"
        case .stringConvertible(let number as Double) where number.isFinite: "\(number)"
        case .stringConvertible(let value): JSONText.quoted("\(value)")
        case .array(let values): "[\(values.map(json).joined(separator: ","))]"
        case .dictionary(let values):
            "{\(values.sorted { $0.key < $1.key }.map { member($0.key, $0.value) }.joined(separator: ","))}"
        }
    }

    private static func member(_ name: String, _ value: Logger.Metadata.Value) -> String {
        "\(JSONText.quoted(name)):\(json(value))"
    }
}
