// Each library's article shows code that is compiled and run here, with nothing but what the libraries make public.

import Foundation
import Testing

@Suite struct ArticleTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct Article: Sendable, CustomTestStringConvertible {
        let library: String
        let name: String

        var testDescription: String { name }
    }

    @Test(arguments: [
        Article(library: "FakeBroker", name: "TestAgainstABroker"),
        Article(library: "FakeGateway", name: "TestAgainstAGateway"),
        Article(library: "Connector", name: "RunAConnector"),
        Article(library: "SourceConformance", name: "TestYourSource"),
    ])
    func `an article shows the code that is tested`(_ article: Article) throws {
        let source = try String(
            contentsOf: Self.root.appending(path: "Tests/DocumentationTests/\(article.library)Article.swift"),
            encoding: .utf8)
        let code = try #require(
            source.components(separatedBy: "// article: begin\n").last?.components(separatedBy: "// article: end").first
        )
        let folder = Self.root.appending(path: "Sources/\(article.library)/\(article.library).docc")
        let text = try String(contentsOf: folder.appending(path: "\(article.name).md"), encoding: .utf8)
        #expect(text.contains("```swift\n\(code)```"), "put the code into \(article.name).md")
    }

    @Test func `orders that are refused at first are called for again`() throws {
        #expect(try callsForTenOrders(seed: 1) == 14)
        #expect(try callsForTenOrders(seed: 2) == 14)
    }
}
