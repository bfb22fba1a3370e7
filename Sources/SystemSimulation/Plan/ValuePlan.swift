package import LoadGenerators
import Simulation

/// What the values of a run's records are made of, by load-producer's settings of the same names. One message has the
/// same value whatever other messages there are.
public struct ValuePlan: Codable, Equatable, Sendable {
    /// No value is longer, so that each fits into a batch that brokers take.
    package static let largest = 100_000

    /// Of all that chance decides in them.
    public var seed: UInt64
    /// `sentence`, `text`, `random` or `template`.
    public var payload = GeneratorSettings.Payload.sentence.rawValue
    /// `BYTES`, `uniform:LEAST:MOST`, `normal:MEAN:DEVIATION` or `lognormal:MEDIAN:SIGMA`.
    public var size = "10"
    public var maxSize = 10_000
    public var compressibility = 0.0
    public var template: String?
    /// The share of records without a value.
    public var tombstones = 0.0

    private enum CodingKeys: String, CodingKey {
        case seed, payload, size
        case maxSize = "max_size"
        case compressibility, template, tombstones
    }

    public init(seed: UInt64) { self.seed = seed }

    /// The generator that all of it says.
    package func source() throws(InvalidSetting) -> PayloadSource {
        let settings = GeneratorSettings(text)
        let sizes = try settings.sizes() ?? .fixed(0)
        let most = sizes.fixed ?? maxSize
        guard 0...Self.largest ~= most else {
            throw InvalidSetting(
                sizes.fixed == nil ? "max_size" : "size", accepted: "up to \(Self.largest) bytes in a simulation")
        }
        let compressibility = try settings.compressibility() ?? 0
        _ = try settings.tombstones()
        switch try settings.payload() {
        case nil, .sentence: return PayloadSource(.sentence, sizes: sizes, most: most)
        case .text: return PayloadSource(.text, sizes: sizes, most: most)
        case .random: return PayloadSource(.random(compressibility: compressibility), sizes: sizes, most: most)
        case .template: return PayloadSource(.template(try filled()), sizes: sizes, most: most)
        case .lines: throw InvalidSetting("payload", accepted: "one of sentence, text, random, template")
        }
    }

    private func filled() throws(InvalidSetting) -> Template {
        guard let template else {
            throw InvalidSetting("template", accepted: "a text with fields", isNeeded: true)
        }
        do { return try Template(template) } catch {
            throw InvalidSetting("template", accepted: "a text with the fields \(Template.fields)")
        }
    }

    private func text(_ name: String) -> String? {
        switch name {
        case "payload": payload
        case "size": size
        case "compressibility": "\(compressibility)"
        case "tombstones": "\(tombstones)"
        default: nil
        }
    }
}
