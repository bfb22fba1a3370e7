internal import Connector
internal import KafkaConnector
internal import LoadGenerators
internal import SystemSimulation
internal import Yams

// The load of a simulated system, by the names that load-producer's settings have.

extension FixedLoad {
    static let fieldNames =
        GeneratorSettings.scheduleNames
        + ["keys", "payload", "size", "max_size", "compressibility", "template", "tombstones"]
    private static let acceptedKeys =
        "none, sequential[:KEYS], uniform:KEYS or zipf:S:KEYS, with up to 1000000 keys"

    init(_ fields: ScenarioFields) throws(SettingError) {
        self.init()
        var texts: [String: String] = [:]
        for key in Self.fieldNames {
            texts[key] = try fields.text(key, accepted: "text; in quotes if it begins with {")
        }
        maxSize = try fields.integer("max_size", in: 0...ValuePlan.largest)
        do throws(InvalidSetting) { try read(texts) } catch {
            guard error.isNeeded, fields[error.name] == nil else {
                throw fields.error(error.name, accepted: error.accepted)
            }
            let cause = fields[error.name == "template" ? "payload" : "shape"]
            let place = cause.map { YAMLFile.place(fields.path, $0) } ?? fields.path
            throw SettingError(
                name: "\(place): \(fields.name).\(error.name)", value: nil, accepted: "\(error.accepted) is needed")
        }
    }

    private mutating func read(_ texts: [String: String]) throws(InvalidSetting) {
        let settings = GeneratorSettings { texts[$0] }
        curve = try settings.curve()
        arrivals = try settings.arrivals()
        keys = try settings.keys()
        if case .file = keys { throw InvalidSetting("keys", accepted: Self.acceptedKeys) }
        payload = try settings.payload()?.rawValue
        size = texts["size"]
        compressibility = try settings.compressibility()
        template = texts["template"]
        tombstones = try settings.tombstones()
        var values = ValuePlan(seed: 0)
        fix(&values)
        _ = try values.source()
    }
}
