/// Source × clause, as documents and logs show it.
public enum ConformanceTable {
    /// A table of Markdown: a line for each clause, a column for each source. It says `passes`, or what the source
    /// lacks for the clause to apply to it. That each `passes` is true is for the tests that ran the clauses to say.
    public static func markdown(_ profiles: [SourceProfile]) -> String {
        let names = profiles.map(\.name)
        var lines = [row(["Clause"] + names), row(["---"] + names.map { _ in "---" }, padding: "")]
        for subject in Clause.Subject.allCases {
            lines.append(row(["**\(subject.rawValue)**"] + names.map { _ in "" }))
            for clause in Clause.all where clause.subject == subject {
                lines.append(row([clause.name] + profiles.map { clause.missing(in: $0) ?? "passes" }))
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ cells: [String], padding: String = " ") -> String {
        "|" + cells.map { "\(padding)\($0)\(padding)|" }.joined()
    }
}
