// Reads settings by name from wherever the user put them; the layer that stands first wins. Every failure names the
// setting as the user wrote it, its value, and what is accepted.

import GoDuration

/// Named values in layers: flags, environment variables, a file.
///
/// A value of nothing but blanks counts as not set, as it does for users of Kubernetes and Compose.
public struct Settings: Sendable {
    /// Where a value came from.
    public enum Origin: Equatable, Sendable {
        case flag
        case environment
        /// A file's path, and the line in it.
        case file(String, line: Int)
        case standard
    }

    /// One value that a user set.
    public struct Entry: Sendable {
        public var value: String
        public var origin: Origin

        public init(_ value: String, _ origin: Origin) {
            self.value = value
            self.origin = origin
        }
    }

    /// By setting's name; the first layer that has one wins.
    private let layers: [[String: Entry]]

    public init(layers: [[String: Entry]]) { self.layers = layers }

    /// Environment variables alone.
    public init(environment: [String: String]) {
        self.init(layers: [environment.mapValues { Entry($0, .environment) }])
    }

    /// What the user set, and where. A value of blanks is none, and hides no other layer's.
    public func entry(_ name: String) -> Entry? { entry(name) { $0.trimmed } }

    /// With the blanks around its value, which may be all of it, but not the ends of lines; `nil` if there is none.
    public func untrimmedEntry(_ name: String) -> Entry? {
        entry(name) { value in value.filter { !$0.isNewline } }
    }

    private func entry(_ name: String, _ clean: (String) -> String) -> Entry? {
        for layer in layers {
            guard let entry = layer[name] else { continue }
            let value = clean(entry.value)
            if !value.isEmpty { return Entry(value, entry.origin) }
        }
        return nil
    }

    /// Of several names of one setting the one to go by: of the first layer that has any, the first that it has. `nil`
    /// if none is set.
    public func name(among names: [String]) -> String? {
        for layer in layers {
            let set = names.first { name in layer[name].map { !$0.value.trimmed.isEmpty } ?? false }
            if let set { return set }
        }
        return nil
    }

    /// The names that were set and begin with `prefix`, sorted.
    public func names(withPrefix prefix: String) -> [String] {
        Set(layers.flatMap(\.keys).filter { $0.hasPrefix(prefix) }).sorted()
    }

    // MARK: By kind

    /// The trimmed value, or `nil` if there is none.
    public func string(_ name: String) -> String? { entry(name)?.value }

    /// `true`, `1`, `false` or `0`, in any case.
    public func bool(_ name: String, default value: Bool) throws(SettingError) -> Bool {
        guard let text = string(name) else { return value }
        switch text.lowercased() {
        case "true", "1": return true
        case "false", "0": return false
        default: throw error(name, accepted: "true, 1, false or 0")
        }
    }

    /// A Go duration above zero.
    public func duration(_ name: String, default value: Duration) throws(SettingError) -> Duration {
        guard let text = string(name) else { return value }
        guard let duration = Duration(goDuration: text), duration > .zero else {
            throw error(name, accepted: "a duration above zero, such as 500ms, 30s or 1m30s")
        }
        return duration
    }

    /// A whole number within `range`.
    public func integer(_ name: String, default value: Int, in range: ClosedRange<Int>) throws(SettingError) -> Int {
        guard let text = string(name) else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw error(name, accepted: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// One of the values of an enum.
    public func choice<Choice>(_ name: String, default value: Choice) throws(SettingError) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = string(name) else { return value }
        guard let choice = Choice(rawValue: text.lowercased()) else {
            throw error(name, accepted: "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// A comma-separated list: items trimmed, empty ones (a trailing comma) left out, each kept once.
    public func list(_ name: String) -> [String]? {
        guard let text = string(name) else { return nil }
        var items: [String] = []
        for item in TopicMap.topics(in: text, delimiter: ",") where !items.contains(item) { items.append(item) }
        return items
    }

    /// The values of two settings that stand together; `nil` if neither is set.
    /// - Throws: If only one of them is.
    public func files(_ first: String, _ second: String) throws(SettingError) -> (String, String)? {
        switch (string(first), string(second)) {
        case (nil, nil): return nil
        case (let one?, let other?): return (one, other)
        case (_?, nil): throw error(second, accepted: "a file, as \(first) is set")
        case (nil, _?): throw error(first, accepted: "a file, as \(second) is set")
        }
    }

    // MARK: Errors

    /// A complaint about a setting, under the name by which the user set it.
    public func error(_ name: String, accepted: String) -> SettingError {
        guard let entry = entry(name) else { return SettingError(name: name, value: nil, accepted: accepted) }
        return SettingError(name: entry.origin.spelling(of: name), value: entry.value, accepted: accepted)
    }
}

extension Settings.Origin {
    /// The setting's name as the user wrote it there.
    func spelling(of name: String) -> String {
        switch self {
        case .flag: "--\(Self.flagName(name))"
        case .file(let path, let line): "\(path):\(line): \(name)"
        case .environment, .standard: name
        }
    }

    /// `upstream_timeout` → `upstream-timeout`.
    public static func flagName(_ name: String) -> String { name.replacing("_", with: "-") }
}

extension String {
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
