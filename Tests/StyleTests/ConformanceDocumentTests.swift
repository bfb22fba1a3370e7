// docs/conformance.md says what public clients run against FakeBroker; what a machine can check of it.

import Foundation
import Testing

@Suite struct ConformanceDocumentTests {
    /// A line of one of the document's tables of cases.
    private struct Row {
        let subject: String
        let test: String
        /// `script: case`, or only the script; nil if the test needs none.
        let reference: String?
        /// By client, as the tables' header has them.
        let counts: [Int]
    }

    private struct Document {
        var text = ""
        var clients: [String] = []
        var rows: [Row] = []
        /// The cells of the table that sums up, by subject.
        var summary: [String: [String]] = [:]
    }

    private static let folders = [
        "Admin", "Clients", "Faults", "Fetch", "Groups", "Security", "Storage", "Transactions",
    ]
    private static let scripts = "Tests/IntegrationTests/clients"

    private static func text(of path: String) throws -> String {
        try String(contentsOf: SourceTree.root.appending(path: path), encoding: .utf8)
    }

    private static func document() throws -> Document {
        var document = Document()
        document.text = try text(of: "docs/conformance.md")
        var subject: String?
        for line in document.text.split(separator: "\n") {
            if line.hasPrefix("### ") { subject = String(line.dropFirst(4)) }
            guard line.hasPrefix("| ") else { continue }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { $0.trimmingCharacters(in: .whitespaces) }
            if cells.first == "Test" {
                document.clients = Array(cells.dropFirst(2))
            } else if let subject {
                document.rows.append(
                    Row(
                        subject: subject, test: cells[0],
                        reference: cells[1].isEmpty ? nil : cells[1].trimmingCharacters(in: ["`"]),
                        counts: cells.dropFirst(2).map { Int($0) ?? 0 }))
            } else {
                document.summary[cells[0]] = Array(cells.dropFirst())
            }
        }
        return document
    }

    /// The tests that put clients to a FakeBroker, with whether each is run with arguments.
    private static func tests() -> [String: Bool] {
        var tests: [String: Bool] = [:]
        for file in SourceTree.tests {
            let isIn = folders.contains { file.path.hasPrefix("Tests/IntegrationTests/\($0)/") }
            guard isIn else { continue }
            let attributed = file.lines.joined(separator: " ").split(separator: "@Test").dropFirst()
            for test in attributed {
                guard let name = test.firstMatch(of: /func `(.+?)`/) else { continue }
                tests[String(name.1)] = test.hasPrefix("(")
            }
        }
        return tests
    }

    /// The cases of a script: its dictionary of functions by their names.
    private static func cases(in text: String) -> Set<String> {
        var cases = Set(text.matches(of: /"(\w+)":\s*\1\b/).map { String($0.1) })
        if let list = text.firstMatch(of: /CASES = \{f.__name__: f for f in \(([^)]*)\)/) {
            cases.formUnion(list.1.split { !($0.isLetter || $0 == "_") }.map(String.init))
        }
        // In Go the functions are in other files.
        return cases.filter { text.contains("def \($0)(") || text.contains("\npackage main\n") }
    }

    /// By the end of a script's name, as the document has it.
    private static func client(of path: String) throws -> String {
        let clients = [
            "_confluent.py": "confluent-kafka", "_kafka_python.py": "kafka-python", "_aiokafka.py": "aiokafka",
            ".go": "sarama",
        ]
        return try #require(clients.first { path.hasSuffix($0.key) }?.value, "\(path)")
    }

    /// What the scripts have in common, which is no client's.
    private static let shared: Set<Substring> = ["cases.py", "patience.py"]

    /// Every script's references, as the document should have them, with the client's column.
    private static func references() throws -> [(reference: String, client: String)] {
        try SourceTree.paths(in: scripts).flatMap { path -> [(String, String)] in
            let name = path.dropFirst(scripts.count + 1)
            guard name.hasSuffix(".py") || name.hasSuffix(".go"), !shared.contains(name) else { return [] }
            let found = cases(in: try text(of: path))
            let client = try client(of: path)
            if name.hasSuffix(".go") { return found.map { ("go: \($0)", client) } }
            let subject = String(name.prefix { $0 != "_" })
            return found.isEmpty ? [(subject, client)] : found.map { ("\(subject): \($0)", client) }
        }
    }

    @Test func `every test is in the document, and none that is not there any more`() throws {
        let rows = try Self.document().rows
        let tests = Self.tests()
        #expect(tests.count > 50)
        #expect(Set(tests.keys).subtracting(rows.map(\.test)).sorted() == [], "add these to docs/conformance.md")
        #expect(Set(rows.map(\.test)).subtracting(tests.keys).sorted() == [], "these are gone")
        let wrong = rows.filter { row in
            let runs = row.counts.reduce(0, +)
            return tests[row.test] == false ? runs != 1 : runs < 1
        }
        #expect(wrong.map(\.test) == [], "a test without arguments is run once")
    }

    @Test func `every case of the scripts is in the document, for its client`() throws {
        let document = try Self.document()
        let references = try Self.references()
        #expect(references.count > 60)
        let missing = references.filter { reference, client in
            guard let column = document.clients.firstIndex(of: client) else { return true }
            return !document.rows.contains { $0.reference == reference && $0.counts[column] > 0 }
        }
        #expect(missing.map { "\($0.reference) of \($0.client)" }.sorted() == [], "add these to docs/conformance.md")
        let known = Set(references.map(\.reference))
        #expect(document.rows.compactMap(\.reference).filter { !known.contains($0) } == [], "these are gone")
    }

    @Test func `every admin call is in the document`() throws {
        let lists = try Self.document().text.split(separator: "\n- ")
        for path in SourceTree.paths(in: Self.scripts) where path.firstMatch(of: /\/admin.*\.(py|go)$/) != nil {
            let client = try Self.client(of: path)
            let list = try #require(lists.last { $0.hasPrefix("**\(client)**") }, "\(client)")
            let calls = try Self.text(of: path).matches(of: /seen\["(\w+)"\]/).map { "`\($0.1)`" }
            #expect(calls.count > 8, "\(path)")
            #expect(calls.filter { !list.contains($0) } == [], "add these to docs/conformance.md")
        }
    }

    @Test func `the counts add up, and where there is none it says why`() throws {
        let document = try Self.document()
        var totals = [Int](repeating: 0, count: document.clients.count)
        for (subject, rows) in Dictionary(grouping: document.rows, by: \.subject) {
            let cells = try #require(document.summary[subject], "\(subject)")
            for column in document.clients.indices {
                let sum = rows.reduce(0) { $0 + $1.counts[column] }
                totals[column] += sum
                #expect(sum == 0 || cells[column] == "\(sum)", "\(subject), \(document.clients[column])")
                #expect(sum > 0 || document.text.contains("\n- **\(cells[column])** "), "\(subject), \(cells)")
            }
            #expect(cells.last == "\(rows.flatMap(\.counts).reduce(0, +))", "\(subject)")
        }
        let all = totals.map(String.init) + ["\(totals.reduce(0, +))"]
        #expect(document.summary["**In all**"] == all)
    }

    /// What setup/test.sh installs.
    @Test func `the versions of the clients are those that are installed`() throws {
        let installed = try Self.text(of: "setup/test.sh")
        let summary = try Self.document().summary
        for client in ["confluent-kafka", "kafka-python", "aiokafka"] {
            let version = try #require(summary[client]?.first)
            #expect(installed.contains("\(client)==\(version) "), "\(client)")
        }
    }
}
