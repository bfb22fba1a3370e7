import Foundation
import Subprocess

/// A program run to its end, with what it wrote.
///
/// Without input, for swift-subprocess 1.0.2 traps when a program ends before it has read it. By Subprocess, for
/// Foundation's `Process` does not see the end of a program in a process that has more than 1,024 files open.
enum Command {
    struct Output: Sendable {
        /// The exit code; 128 and the signal if that ended it.
        let status: Int32
        let data: Data
        let errors: String

        var text: String { String(decoding: data, as: UTF8.self) }
    }

    /// Looks the program up on the path. One that does not end is ended after two minutes.
    static func run(_ words: [String]) async throws -> Output {
        let output = try await Subprocess.run(
            .name("timeout"), arguments: Arguments(["--signal=KILL", "120"] + words), input: .none,
            output: .bytes(limit: 64 << 20), error: .bytes(limit: 16 << 20))
        return Output(
            status: output.terminationStatus.exitStatus, data: Data(output.standardOutput),
            errors: String(decoding: output.standardError, as: UTF8.self))
    }
}

extension TerminationStatus {
    /// As a shell has it: the exit code, or 128 and the signal.
    var exitStatus: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }
}
