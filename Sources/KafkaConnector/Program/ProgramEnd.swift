import Connector
import Foundation

/// How a connector's program ends by what it threw.
package enum ProgramEnd {
    /// Ends the process: with status 2 for settings that cannot be used, else 1. Tells why, unless that was logged.
    package static func of(_ program: String, by error: any Error) -> Never {
        if !(error is LoggedFailure) {
            try? FileHandle.standardError.write(contentsOf: Data("\(program): \(error)\n".utf8))
        }
        exit(error is SettingError ? 2 : 1)
    }
}
