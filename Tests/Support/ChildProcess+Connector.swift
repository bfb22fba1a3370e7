import Foundation
import Testing

/// What tests ask of a connector that runs as a process of its own.
extension ChildProcess {
    /// Where it answers probes, as its log says: `http://127.0.0.1:PORT`.
    package func statusAddress() async throws -> String {
        var address: Substring?
        try await eventually("the address of its status is in the log") {
            let log = standardError
            if let mark = log.firstRange(of: "Status: http://"), let end = log.firstRange(of: "/metrics"),
                mark.upperBound < end.lowerBound
            {
                address = log[mark.lowerBound..<end.lowerBound].dropFirst("Status: ".count)
            }
            return address != nil || !isRunning
        }
        return String(try #require(address, "\(standardError)"))
    }

    /// What a page of its status says; with status 0 if nobody answers.
    package func status(_ page: String) async throws -> (status: Int, text: String) {
        let address = try await statusAddress()
        let answer = try await Command.run(["curl", "-s", "-w", "%{http_code}", "\(address)\(page)"]).text
        return (Int(answer.suffix(3)) ?? 0, String(answer.dropLast(3)))
    }
}

/// The rows that a page of documentation has of the settings that `--help` of a connector tells, up to the first of
/// those that all connectors share.
package func settingRows(ofHelp help: String) -> [String] {
    let lines = help.split(separator: "\n").map(String.init)
    let flags = lines.indices.filter { lines[$0].hasPrefix("  --") }.prefix { lines[$0] != "  --gateway-url" }
    return flags.map { index in
        let name = lines[index].dropFirst(4).replacing("-", with: "_")
        let parts = lines[index + 1].dropFirst(8).split(separator: " Default: ")
        let standard = parts.count == 2 ? "`\(parts[1].dropLast())`" : ""
        return "| `\(name)` | \(standard) | \(parts[0]) |"
    }
}
