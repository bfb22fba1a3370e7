import Testing

@testable import FakeGateway

@Suite struct FigletTests {
    @Test func `a word is drawn in five rows`() {
        #expect(
            Figlet.banner("Hi!") == """
                #   # # #
                #   #   #
                ##### # #
                #   # #
                #   # # #

                """)
    }

    @Test func `a trailing newline adds nothing, a line its own rows`() {
        #expect(Figlet.banner("a\n") == Figlet.banner("a"))
        #expect(Figlet.banner("a\nb").split(separator: "\n", omittingEmptySubsequences: false).count == 11)
    }

    @Test func `every printable character has a glyph of five rows`() {
        for code in UInt8(0x21)...0x7e {
            let character = Character(UnicodeScalar(code))
            let banner = Figlet.banner(String(character))
            #expect(banner.contains("#"), "\(character) is blank")
            #expect(banner.split(separator: "\n", omittingEmptySubsequences: false).count == 6, "\(character)")
            #expect(character == "?" || banner != Figlet.banner("?"), "\(character) has no glyph of its own")
        }
    }

    @Test func `a long line goes on below, and nothing is wider than a terminal`() {
        let rows = Figlet.banner(String(repeating: "M", count: 100)).split(separator: "\n")
        #expect(rows.count == 25)
        #expect(rows.allSatisfy { $0.count <= 120 })
    }

    @Test func `what has no glyph is a question mark`() {
        #expect(Figlet.banner("é") == Figlet.banner("?"))
    }
}
