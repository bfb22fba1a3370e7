package import SeededRandom

/// What the values are made of.
package struct PayloadSource: Sendable {
    package enum Content: Sendable {
        /// The same readable sentence, over and over: records of one size are alike.
        case sentence
        /// Words by chance.
        case text
        /// Bytes by chance. So large a share of each value repeats one byte, which any compression finds.
        case random(compressibility: Double)
        case template(Template)
        /// One after the other, and from the first again.
        case lines([[UInt8]])
    }

    private static let sentence = Array("Test the function. ".utf8)
    private static let dictionary = [
        "acid", "amber", "arrow", "basin", "birch", "cable", "canal", "cedar", "chalk", "cliff", "cloud", "coral",
        "delta", "dune", "ember", "fern", "flint", "frost", "glade", "grain", "harbor", "hazel", "inlet", "ivory",
    ].map { Array($0.utf8) }

    private let content: Content
    private let sizes: SizeDistribution
    private let most: Int
    /// The last sentence, for sizes that repeat.
    private var kept: [UInt8]

    /// - Parameter most: No value is longer; those of templates and lines are not cut.
    package init(_ content: Content, sizes: SizeDistribution, most: Int) {
        self.content = content
        self.sizes = sizes
        self.most = most
        kept = Self.repeating(sizes.fixed ?? 0)
    }

    package mutating func payload(_ context: Template.Context, using generator: inout SeededGenerator) -> [UInt8] {
        switch content {
        case .sentence:
            let size = sizes.draw(most: most, using: &generator)
            if kept.count != size { kept = Self.repeating(size) }
            return kept
        case .text: return Self.words(sizes.draw(most: most, using: &generator), using: &generator)
        case .random(let compressibility):
            let size = sizes.draw(most: most, using: &generator)
            return Self.bytes(size, compressibility: compressibility, using: &generator)
        case .template(let template): return template.filled(context, using: &generator)
        case .lines(let lines): return lines.isEmpty ? [] : lines[context.sequence % lines.count]
        }
    }

    private static func repeating(_ size: Int) -> [UInt8] { (0..<size).map { sentence[$0 % sentence.count] } }

    private static func bytes(
        _ size: Int, compressibility: Double, using generator: inout SeededGenerator
    ) -> [UInt8] {
        let random = size - Int(Double(size) * compressibility)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        while bytes.count < random {
            var number = generator.next()
            for _ in 0..<min(8, random - bytes.count) {
                bytes.append(UInt8(truncatingIfNeeded: number))
                number >>= 8
            }
        }
        bytes += repeatElement(0, count: size - random)
        return bytes
    }

    static func words(_ size: Int, using generator: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size + 8)
        while bytes.count < size {
            bytes += dictionary[Int.random(in: dictionary.indices, using: &generator)]
            bytes.append(UInt8(ascii: " "))
        }
        bytes.removeLast(bytes.count - size)
        return bytes
    }
}
