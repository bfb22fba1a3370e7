import Connector
import Foundation

/// What a command was asked for. Who cannot have it is told, and by the exit status, too.
package enum StandardOutput {
    /// - Throws: `OutputFailure`.
    package static func write(_ text: String) throws {
        do { try FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) } catch {
            throw OutputFailure(reason: "\((error as NSError).localizedFailureReason ?? "\(error)")")
        }
    }
}

package struct OutputFailure: Error, CustomStringConvertible {
    let reason: String

    package var description: String { "standard output takes nothing: \(reason)" }
}
