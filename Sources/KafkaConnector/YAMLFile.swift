// A YAML file that a user wrote, as nodes that know their lines.

package import Connector
import Foundation
package import Yams

package enum YAMLFile {
    static let bytesAccepted = 1024 * 1024

    /// - Parameter flag: the flag that names the file.
    package static func text(of path: String, flag: String) throws(SettingError) -> String {
        let content: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            content = try handle.read(upToCount: bytesAccepted + 1) ?? Data()
        } catch {
            throw SettingError(name: flag, value: path, accepted: "a file that can be read")
        }
        guard content.count <= bytesAccepted else {
            throw SettingError(name: flag, value: path, accepted: "a file of at most 1 MiB")
        }
        // Windows' editors put a mark in front, which YAML allows.
        let mark = Data([0xEF, 0xBB, 0xBF])
        return String(decoding: content.starts(with: mark) ? content.dropFirst(3) : content, as: UTF8.self)
    }

    /// Nil if there is nothing in it.
    ///
    /// - Parameter accepted: what the file should be.
    package static func parse(_ text: String, path: String, accepted: String) throws(SettingError) -> Node? {
        do {
            return try compose(yaml: text)
        } catch YamlError.duplicatedKeysInMapping(let names, let context) {
            let accepted = "each name once; it comes again below"
            throw SettingError(name: "\(path):\(context.mark.line)", value: names.first, accepted: accepted)
        } catch {
            let line = "\(error)".split(whereSeparator: \.isNewline).first.map(String.init) ?? "\(error)"
            throw SettingError(name: path, value: line, accepted: accepted)
        }
    }

    /// `FILE:LINE`.
    package static func place(_ path: String, _ node: Node) -> String { "\(path):\(node.mark?.line ?? 0)" }
}
