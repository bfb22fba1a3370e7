import TestSupport
import FakeBroker
import Foundation
import Testing

/// The program under clients/go: sarama, from the sources that Debian packages. It is built once, without modules.
///
/// Without Go or sarama a test is cancelled and says what to install; where `CI` is `true`, it fails.
enum GoClient {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "clients/go")
    /// Beside the tests, where it is built anew over the last one.
    private static let program = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "sarama-client").path()

    /// Of the program; the compiler is Swift's own, for there may be no other.
    private static let build = Task {
        try await Command.run([
            "env", "-C", folder.path(), "GO111MODULE=off", "GOPATH=/usr/share/gocode", "GOFLAGS=", "CC=clang", "go",
            "build", "-o", program, ".",
        ])
    }

    /// What a case of the program writes. Fails if that ends with anything but 0.
    ///
    /// - Parameter words: The case, and what it takes.
    static func run(
        _ words: [String], at bootstrapServers: String, environment: [String: String] = [:]
    ) async throws -> String {
        let built = try await build.value
        if built.status != 0, ProcessInfo.processInfo.environment["CI"] != "true" {
            try Test.cancel("sarama is missing; run setup/test.sh, which installs it: \(built.errors)")
        }
        try #require(built.status == 0, "\(built.errors)")
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let output = try await Command.run(["env"] + variables + [program, bootstrapServers] + words)
        try #require(output.status == 0, "\(words): \(output.text)\n\(output.errors)")
        return output.text
    }
}
