import Connector
import Foundation
import Kafka
import LoadGenerators

extension RecordPlan {
    init(_ settings: Settings) throws(SettingError) {
        self.init()
        topics = try Topic.read(settings)
        keys = try Self.keys(settings)
        payload = try Self.payload(settings)
        lines = try Self.lines(settings)
        tombstones = try settings.generator(GeneratorSettings.tombstones) ?? 0
        headers = try Self.headers(settings)
        partitioning = try Self.partitioning(settings)
        timestamps = try Self.timestamps(settings)
        isVerified = try settings.bool("verification", default: true)
    }

    private static func keys(_ settings: Settings) throws(SettingError) -> KeySource {
        guard let kind = try settings.generator(GeneratorSettings.keys) else { return KeySource(.none) }
        guard case .file(let path) = kind else { return KeySource(kind) }
        return KeySource(kind, lines: try LineFile.read(path, "keys", settings))
    }

    private static func payload(_ settings: Settings) throws(SettingError) -> PayloadSource {
        let sizes = try settings.generator(GeneratorSettings.sizes) ?? .fixed(100)
        let most = try LargestValue.of(settings)
        let content: PayloadSource.Content
        switch try settings.generator(GeneratorSettings.payload) ?? .sentence {
        case .sentence: content = .sentence
        case .text: content = .text
        case .random:
            content = .random(compressibility: try settings.generator(GeneratorSettings.compressibility) ?? 0)
        case .template: content = .template(try template(settings))
        case .lines: content = .lines
        }
        return PayloadSource(content, sizes: sizes, most: most)
    }

    private static func lines(_ settings: Settings) throws(SettingError) -> LineSource? {
        guard try settings.generator(GeneratorSettings.payload) == .lines else { return nil }
        guard let path = settings.string("lines_file") else {
            throw settings.required("lines_file", accepted: "a file of lines, or - for standard input,")
        }
        if path != "-" { try LineFile.check(path, "lines_file", settings) }
        return LineSource(path: path == "-" ? nil : path, longest: try LargestValue.message(settings))
    }

    private static func template(_ settings: Settings) throws(SettingError) -> Template {
        let name = settings.string("template") == nil ? "template_file" : "template"
        guard var text = settings.string(name) else {
            throw settings.required("template", accepted: "a text with fields, or a template_file,")
        }
        if name == "template_file" {
            text = String(decoding: try LineFile.content(text, name, settings), as: UTF8.self)
        }
        do {
            return try Template(text)
        } catch {
            throw SettingError(name: "\(name): field", value: error.field, accepted: Template.fields)
        }
    }

    private static func headers(_ settings: Settings) throws(SettingError) -> [MessageHeader] {
        var headers: [MessageHeader] = []
        for item in settings.list("headers") ?? [] {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !item.utf8.contains(0) else {
                throw settings.error("headers", accepted: "NAME=VALUE, separated by commas")
            }
            headers.append(MessageHeader(String(parts[0]), String(parts[1])))
        }
        return headers
    }

    private static func partitioning(_ settings: Settings) throws(SettingError) -> Partitioning {
        guard let text = settings.string("partitioner") else { return .partitioner }
        if text == "round-robin" { return .roundRobin }
        if let number = Int32(text), number >= 0 { return .fixed(number) }
        guard Configuration.Partitioner(rawValue: text) != nil else {
            let names = Configuration.Partitioner.allCases.map(\.rawValue).joined(separator: ", ")
            throw settings.error("partitioner", accepted: "\(names), round-robin, or the number of a partition")
        }
        return .partitioner
    }

    private static func timestamps(_ settings: Settings) throws(SettingError) -> Timestamps {
        switch settings.string("timestamps") {
        case nil, "now": return .now
        case "intended": return .intended
        case let text?:
            let numbers = text.split(separator: ":", omittingEmptySubsequences: false).compactMap { Int64($0) }
            guard numbers.count == 2, 0...4_102_444_800_000 ~= numbers[0], abs(numbers[1]) <= 86_400_000 else {
                throw settings.error("timestamps", accepted: "now, intended, or FROM:STEP in milliseconds since 1970")
            }
            return .counted(from: numbers[0], step: numbers[1])
        }
    }
}

extension RecordPlan.Topic {
    /// Reads `topic`: names, each with a weight after a colon or alone.
    static func read(_ settings: Settings) throws(SettingError) -> [RecordPlan.Topic] {
        let items = settings.list("topic") ?? []
        var topics: [RecordPlan.Topic] = []
        for item in items {
            let parts = item.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            let weight = parts.count == 2 ? Double(parts[1]) : 1
            guard parts.count <= 2, let weight, weight > 0, weight <= 1e9, TopicName.isLegal(parts[0]),
                !topics.contains(where: { $0.name == parts[0] })
            else {
                throw settings.error(
                    "topic", accepted: "names of \(TopicName.accepted), each once, with weights")
            }
            topics.append(.init(name: parts[0], weight: weight))
        }
        guard !topics.isEmpty else { throw settings.required("topic", accepted: "the name of a topic") }
        return topics
    }
}

enum LargestValue {
    /// The most bytes that a value of these settings can have; a fixed size is its own bound.
    static func of(_ settings: Settings) throws(SettingError) -> Int {
        let most = try settings.integer("max_size", default: 1_000_000, in: 0...SizeDistribution.largest)
        if let size = settings.string("size").flatMap({ SizeDistribution($0) })?.fixed { return size }
        return most
    }

    /// The most bytes of a message (`message.max.bytes`).
    static func message(_ settings: Settings) throws(SettingError) -> Int {
        min(max(1_000_000, try of(settings) + 10_000), 1_000_000_000)
    }
}

/// A file whose lines are keys or values.
enum LineFile {
    private static let mostBytes = 256 * 1024 * 1024

    /// Whether there is something to be read; a pipe may have it yet to come.
    static func check(_ path: String, _ name: String, _ settings: Settings) throws(SettingError) {
        guard FileManager.default.isReadableFile(atPath: path),
            let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let type = attributes[.type] as? FileAttributeType, type != .typeDirectory
        else { throw settings.error(name, accepted: "a file that can be read") }
        if type == .typeRegular, attributes[.size] as? Int == 0 {
            throw settings.error(name, accepted: "a file with at least one line")
        }
    }

    static func content(_ path: String, _ name: String, _ settings: Settings) throws(SettingError) -> Data {
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            let content = try handle.read(upToCount: mostBytes + 1) ?? Data()
            if content.count <= mostBytes { return content }
        } catch {
            throw settings.error(name, accepted: "a file that can be read")
        }
        throw settings.error(name, accepted: "a file of at most 256 MiB")
    }

    /// Without their ends; not the empty one after the last.
    static func read(_ path: String, _ name: String, _ settings: Settings) throws(SettingError) -> [[UInt8]] {
        var lines = try content(path, name, settings)
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { line in Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line) }
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard !lines.isEmpty else { throw settings.error(name, accepted: "a file with at least one line") }
        return lines
    }
}
