package import Connector
package import Logging

/// Ends a program with status 1; why was told.
package struct LoggedFailure: Error {}

/// How the connector writes its log.
package struct LogSettings: Sendable {
    package enum Encoding: String, CaseIterable, Sendable {
        /// Lines for people. `console` is the commercial connector's word for it.
        case text, console
        /// One JSON object a line.
        case json
    }

    package var encoding = Encoding.text
    /// Default `.info`.
    package var level = Logger.Level.info
    package var options = LogObserver.Options()

    /// Reads `log_level`, `log_encoding`, `debug`, `log_sessions` and `print_*`.
    package init(_ settings: Settings) throws(SettingError) {
        encoding = try settings.choice("log_encoding", default: encoding)
        let debug = try settings.bool("debug", default: false)
        level = try settings.choice("log_level", default: debug ? .debug : .info)
        options.printsResponses = try settings.bool("print_response", default: false)
        options.printsEvents = try settings.bool("print_request_body", default: false)
        options.printsSyncs = try settings.bool("print_sync", default: false)
        options.logsSessions = try settings.bool("log_sessions", default: true)
        options.addsFields = encoding == .json
    }

    /// Runs a program whose log these settings are of. Where the log is one object a line, what ends it is one, too.
    ///
    /// - Throws: `LoggedFailure` for an error that was told that way; any other as it is.
    package func run(_ logger: Logger, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch  where encoding == .json {
            logger.critical("\(error)")
            throw LoggedFailure()
        }
    }

    /// Writes to standard error.
    package func handler(label: String) -> any LogHandler {
        switch encoding {
        case .text, .console: StreamLogHandler.standardError(label: label)
        case .json: JSONLogHandler(label: label)
        }
    }
}
