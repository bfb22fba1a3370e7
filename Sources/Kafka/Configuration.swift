// The configuration of a client: typed where this package knows the property, open to any other of librdkafka.
//
// It decides nothing: librdkafka checks every name and value, and its words reach the user together with the
// property and value that they are about. Secrets never reach a text.

/// An ordered set of librdkafka properties.
package struct Configuration: Sendable, Equatable {
    package struct Property: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// In the order in which they were first set; librdkafka gets them in this order.
    package private(set) var properties: [Property] = []

    package init() {}

    /// The value of any property by librdkafka's name. Setting `nil` leaves the property to librdkafka.
    package subscript(name: String) -> String? {
        get { properties.first { $0.name == name }?.value }
        set {
            let index = properties.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): properties[index] = Property(name: name, value: value)
            case (let index?, nil): properties.remove(at: index)
            case (nil, let value?): properties.append(Property(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Sets a property only if it was not set before.
    package mutating func setDefault(_ name: String, to value: String) {
        if self[name] == nil { self[name] = value }
    }

    /// Whether a property's value must never be shown.
    package static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        // Places where a secret lies, and how a message's key is read, are none.
        if [".location", "key.deserializer", "key.serializer"].contains(where: { name.hasSuffix($0) }) { return false }
        // Names of Java's clients as well, for they are set by mistake, and the error shows no value then.
        return [
            "password", "secret", "ssl.key", "ssl_key", "private.key", "passphrase", "token", "oauthbearer.config",
            "jaas",
        ].contains { name.contains($0) }
    }
}

extension Configuration: CustomStringConvertible {
    /// `name=value` pairs with secrets masked.
    package var description: String {
        properties.map { "\($0.name)=\(Self.isSecret($0.name) ? ConfigurationError.mask : $0.value)" }
            .joined(separator: ", ")
    }
}

/// A property that librdkafka does not take, or a set of properties that do not fit together.
package struct ConfigurationError: Error, Hashable, Sendable {
    package static let mask = "***"

    /// `nil` where librdkafka blames the whole.
    package let property: String?
    /// As it was given; masked if it is a secret.
    package let value: String?
    /// librdkafka's own words.
    package let reason: String

    package init(_ property: Configuration.Property, reason: String) {
        self.property = property.name
        let isSecret = Configuration.isSecret(property.name)
        // librdkafka ends some of its sentences with a line.
        let reason = reason.split(separator: "\n").joined(separator: " ")
        value = isSecret ? Self.mask : property.value
        self.reason =
            isSecret && !property.value.isEmpty ? reason.replacing(property.value, with: Self.mask) : reason
    }

    init(reason: String) {
        property = nil
        value = nil
        self.reason = reason
    }

    /// librdkafka knows no property of this name.
    package var isUnknownProperty: Bool { reason.hasPrefix("No such configuration property") }
}

extension ConfigurationError: CustomStringConvertible {
    package var description: String {
        if let property, let value {
            "Kafka property \(property)=\(value): \(reason)"
        } else {
            "Kafka configuration: \(reason)"
        }
    }
}
