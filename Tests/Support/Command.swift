package import Foundation
package import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A program run to its end, with what it wrote.
///
/// By Subprocess, for Foundation's `Process` does not see the end of a program in a process that has more than 1,024
/// files open, as this one has when all tests run side by side.
package enum Command {
    package struct Output: Sendable {
        /// The exit code; 128 and the signal if that ended it.
        package let status: Int32
        package let data: Data
        package let errors: String

        package var text: String { String(decoding: data, as: UTF8.self) }
    }

    /// Looks the program up on the path. One that does not end is ended after five minutes, of which the machine may
    /// have stood still for two.
    ///
    /// - Parameter input: By a file, for swift-subprocess 1.0.2 traps when a program ends before it has read its input
    ///   from a pipe.
    package static func run(_ words: [String], input: Data = Data()) async throws -> Output {
        let file = FileManager.default.temporaryDirectory.appending(path: "input-\(UUID())")
        try input.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        let output = try await Subprocess.run(
            .name("timeout"), arguments: Arguments(["--signal=KILL", "300"] + words),
            input: .fileDescriptor(.init(rawValue: handle.fileDescriptor), closeAfterSpawningProcess: false),
            output: .bytes(limit: 64 << 20), error: .bytes(limit: 16 << 20))
        return Output(
            status: output.terminationStatus.exitStatus, data: Data(output.standardOutput),
            errors: String(decoding: output.standardError, as: UTF8.self))
    }
}

extension TerminationStatus {
    /// As a shell has it: the exit code, or 128 and the signal.
    package var exitStatus: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }
}
