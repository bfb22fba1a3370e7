import Foundation

/// One text file of the repository, as lines.
struct SourceFile: CustomStringConvertible, Sendable {
    /// Relative to the repository: `Sources/Connector/Connector.swift`.
    let path: String
    let lines: [String]

    var description: String { path }
}

/// The repository's own Swift files.
enum SourceTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let sources = swiftFiles(in: "Sources")
    static let tests = swiftFiles(in: "Tests")

    /// Paths under `folder`, relative to the root, hidden files left out.
    static func paths(in folder: String) -> [String] {
        let base = root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(atPath: base.path(percentEncoded: false)) else { return [] }
        return walk.compactMap { $0 as? String }.filter { !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
            .map { "\(folder)/\($0)" }.sorted()
    }

    private static func swiftFiles(in folder: String) -> [SourceFile] {
        paths(in: folder).filter { $0.hasSuffix(".swift") }.compactMap { path in
            guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else { return nil }
            return SourceFile(
                path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
    }
}
