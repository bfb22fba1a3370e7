// Settings in a YAML file: one key a setting, each with the line that it stands in.

package import Connector
import Yams

package enum SettingsFile {
    /// - Throws: For a file that cannot be read, is no YAML, or holds what is no setting.
    package static func read(
        _ path: String, _ list: SettingList = SettingCatalog.list
    ) throws(SettingError) -> [String: Settings.Entry] {
        try parse(try YAMLFile.text(of: path, flag: "--config"), path: path, list)
    }

    package static func parse(
        _ text: String, path: String, _ list: SettingList = SettingCatalog.list
    ) throws(SettingError) -> [String: Settings.Entry] {
        try parse(text, path: path, group: list.propertyPrefix.map { String($0.dropLast()) }, list.contains)
    }

    /// - Parameters:
    ///   - group: The key under which settings may stand that begin with it and a dot.
    ///   - isKnown: Whether there is a setting of that name.
    package static func parse(
        _ text: String, path: String, group: String? = nil, _ isKnown: (String) -> Bool
    ) throws(SettingError) -> [String: Settings.Entry] {
        let root = try YAMLFile.parse(text, path: path, accepted: "YAML with one setting a line")
        guard let root else { return [:] }
        guard case .mapping(let mapping) = root else {
            throw SettingError(name: place(path, root), value: root.kind, accepted: "settings as `name: value`")
        }
        var entries: [String: Settings.Entry] = [:]
        for (key, value) in mapping {
            if let group, key.scalar?.string == group, case .mapping(let properties) = value {
                for (key, value) in properties { try add(key, value, prefix: "\(group).", path, isKnown, &entries) }
            } else {
                try add(key, value, prefix: "", path, isKnown, &entries)
            }
        }
        return entries
    }

    private static func add(
        _ key: Node, _ value: Node, prefix: String, _ path: String, _ isKnown: (String) -> Bool,
        _ entries: inout [String: Settings.Entry]
    ) throws(SettingError) {
        guard let text = key.scalar?.string else {
            throw SettingError(name: place(path, key), value: key.kind, accepted: "settings as `name: value`")
        }
        let name = prefix + text
        guard isKnown(name) else {
            throw SettingError(name: place(path, key), value: name, accepted: "a setting that --help lists")
        }
        let entry = Settings.Entry(try scalar(value, of: name, path), .file(path, line: key.mark?.line ?? 0))
        guard entries.updateValue(entry, forKey: name) == nil else {
            throw SettingError(name: place(path, key), value: name, accepted: "each setting once")
        }
    }

    /// A list stands for its items with commas between.
    private static func scalar(_ value: Node, of name: String, _ path: String) throws(SettingError) -> String {
        switch value {
        case .scalar(let scalar): return value.null == nil ? scalar.string : ""
        case .sequence(let items):
            let texts = items.compactMap { $0.scalar?.string }
            if texts.count == items.count { return texts.joined(separator: ",") }
        default: break
        }
        throw SettingError(
            name: "\(place(path, value)): \(name)", value: value.kind, accepted: "one value, or a list of them")
    }

    private static func place(_ path: String, _ node: Node) -> String { YAMLFile.place(path, node) }
}

extension Node {
    /// What stands there, for a complaint: never its text, which may be a secret's.
    fileprivate var kind: String {
        switch self {
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .alias: "an alias"
        }
    }
}
