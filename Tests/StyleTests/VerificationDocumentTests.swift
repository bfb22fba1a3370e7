// docs/verification.md names the tests that show what the connector promises; whether they are there.

import Foundation
import Testing

@Suite struct VerificationDocumentTests {
    @Test func `what the document names is there, and each row names something`() throws {
        let text = try String(contentsOf: SourceTree.root.appending(path: "docs/verification.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.contains("| Over sockets |") }
        #expect(rows.count > 30)
        let tests = SourceTree.tests.map { $0.lines.joined(separator: "\n") }
        for row in rows {
            let named = row.matches(of: /`(\w+Tests)`((?:,? "[^"]+")*)/)
            #expect(!named.isEmpty, "\(row)")
            for match in named {
                let (suite, titles) = (String(match.1), String(match.2))
                // Two suites may have one name, for two modules.
                let suites = tests.filter { $0.contains("struct \(suite) ") || $0.contains("class \(suite) ") }
                #expect(!suites.isEmpty, "no suite \(suite)")
                for title in titles.matches(of: /"([^"]+)"/).map(\.1) {
                    #expect(suites.contains { $0.contains("func `\(title)`") }, "\(suite) has no test '\(title)'")
                }
            }
        }
    }
}
