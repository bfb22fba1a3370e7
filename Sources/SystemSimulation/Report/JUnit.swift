/// The verdicts of an exploration as JUnit XML, one case an invariant.
public enum JUnitReport {
    public static func xml(runs: Int, seconds: Double, failed: [SystemOutcome], replay: (SystemOutcome) -> String)
        -> String
    {
        var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
        let broken = Set(failed.flatMap { $0.violations.map(\.invariant) })
        lines.append(
            "<testsuite name=\"connector-sim explore\" tests=\"\(InvariantName.allCases.count)\" "
                + "failures=\"\(broken.count)\" time=\"\(Int(seconds))\">")
        lines.append("  <properties><property name=\"seeds\" value=\"\(runs)\"/></properties>")
        for name in InvariantName.allCases {
            let title = escaped("invariant \(name.rawValue): \(name)")
            guard let outcome = failed.first(where: { $0.violations.contains { $0.invariant == name } }) else {
                lines.append("  <testcase classname=\"SystemSimulation\" name=\"\(title)\"/>")
                continue
            }
            let detail = outcome.violations.first { $0.invariant == name }?.detail ?? ""
            lines.append("  <testcase classname=\"SystemSimulation\" name=\"\(title)\">")
            lines.append("    <failure message=\"\(escaped(detail))\">replay: \(escaped(replay(outcome)))</failure>")
            lines.append("  </testcase>")
        }
        lines.append("</testsuite>")
        return lines.joined(separator: "\n") + "\n"
    }

    static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default:
                // XML has no place for other control characters.
                let isLegal = character.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" || $0 == "\t" }
                if isLegal { escaped.append(character) }
            }
        }
    }
}
