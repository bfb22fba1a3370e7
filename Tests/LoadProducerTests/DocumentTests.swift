import Foundation
import LoadProducer
import Testing

/// docs/load-producer.md says what the code does.
@Suite struct LoadProducerDocumentTests {
    private let text: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        text = try String(contentsOf: root.appending(path: "docs/load-producer.md"), encoding: .utf8)
    }

    @Test func `it has every setting`() {
        for line in LoadCatalog.markdown.split(separator: "\n") { #expect(text.contains(line)) }
        #expect(text.hasSuffix(LoadCatalog.markdown), "the end should be:\n\(LoadCatalog.markdown)")
    }

    @Test func `it has every metric and every workload`() {
        for metric in PrometheusPage.metrics {
            #expect(text.contains("| `\(metric.name)` | \(metric.kind) | \(metric.help) |"))
        }
        for workload in Workload.readyMade { #expect(text.contains("| `\(workload.name)` | \(workload.meaning) |")) }
    }
}
