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
        /// Given with each record.
        case lines
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
        kept = Self.repeating(min(sizes.fixed ?? 0, most))
    }

    /// Appends the value of a record to `bytes`.
    ///
    /// - Parameter line: What it is, where values are lines.
    package mutating func append(
        _ context: Template.Context, line: ArraySlice<UInt8>, to bytes: inout [UInt8],
        using generator: inout SeededGenerator
    ) {
        switch content {
        case .sentence:
            let size = sizes.draw(most: most, using: &generator)
            if kept.count != size { kept = Self.repeating(size) }
            bytes += kept
        case .text: Self.appendWords(sizes.draw(most: most, using: &generator), to: &bytes, using: &generator)
        case .random(let compressibility):
            let size = sizes.draw(most: most, using: &generator)
            Self.append(size, compressibility: compressibility, to: &bytes, using: &generator)
        case .template(let template): template.fill(context, into: &bytes, using: &generator)
        case .lines: bytes += line
        }
    }

    private static func repeating(_ size: Int) -> [UInt8] { (0..<size).map { sentence[$0 % sentence.count] } }

    private static func append(
        _ size: Int, compressibility: Double, to bytes: inout [UInt8], using generator: inout SeededGenerator
    ) {
        var random = size - Int(Double(size) * compressibility)
        let constant = size - random
        bytes.reserveCapacity(grownTo: bytes.count + size)
        while random > 0 {
            var number = generator.next()
            for _ in 0..<min(8, random) {
                bytes.append(UInt8(truncatingIfNeeded: number))
                number >>= 8
            }
            random -= 8
        }
        bytes += repeatElement(0, count: constant)
    }

    static func appendWords(_ size: Int, to bytes: inout [UInt8], using generator: inout SeededGenerator) {
        let end = bytes.count + size
        bytes.reserveCapacity(grownTo: end + 8)
        while bytes.count < end {
            bytes += dictionary[Int.random(in: dictionary.indices, using: &generator)]
            bytes.append(UInt8(ascii: " "))
        }
        bytes.removeLast(bytes.count - end)
    }
}

extension [UInt8] {
    /// Makes room at once, by doubling at least: asked for exactly as much each time, an array moves each time.
    fileprivate mutating func reserveCapacity(grownTo count: Int) {
        if count > capacity { reserveCapacity(Swift.max(count, 2 * capacity)) }
    }
}
