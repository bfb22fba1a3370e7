import Foundation

/// Where a command writes; a reader that has gone is no reason to fail.
package enum Terminal {
    package static func output(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    package static func error(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

    static var isTerminal: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }

    /// - Throws: `Failure`
    static func write(_ text: String, to path: String, of setting: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            throw Failure("--\(setting) \(path): it cannot be written")
        }
    }

    /// Whether a file could be written later, so that a long run does not end in vain.
    /// - Throws: `Failure`
    static func check(_ path: String?, of setting: String) throws {
        guard let path, path != "-" else { return }
        if !FileManager.default.fileExists(atPath: path) { return try write("", to: path, of: setting) }
        guard FileManager.default.isWritableFile(atPath: path) else {
            throw Failure("--\(setting) \(path): it cannot be written")
        }
    }
}
