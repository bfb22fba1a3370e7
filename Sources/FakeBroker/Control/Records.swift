extension FakeBroker {
    /// A record to be put into a topic.
    public struct Record: Sendable, Equatable {
        public struct Header: Sendable, Equatable {
            public var name: String
            public var value: [UInt8]?

            public init(_ name: String, _ value: [UInt8]?) {
                self.name = name
                self.value = value
            }
        }

        public var key: [UInt8]?
        /// Nil is a tombstone.
        public var value: [UInt8]?
        /// In order; names may repeat.
        public var headers: [Header]
        /// Milliseconds since 1970; nil is the time at which it is appended.
        public var timestamp: Int64?

        public init(key: [UInt8]? = nil, value: [UInt8]?, headers: [Header] = [], timestamp: Int64? = nil) {
            self.key = key
            self.value = value
            self.headers = headers
            self.timestamp = timestamp
        }

        /// A record of text.
        public init(_ value: String, key: String? = nil, timestamp: Int64? = nil) {
            self.init(key: key.map { Array($0.utf8) }, value: Array(value.utf8), timestamp: timestamp)
        }
    }

    /// A record as it lies in a partition.
    public struct StoredRecord: Sendable, Equatable {
        public let offset: Int64
        /// Milliseconds since 1970.
        public let timestamp: Int64
        public let key: [UInt8]?
        /// Nil is a tombstone.
        public let value: [UInt8]?
        public let headers: [Record.Header]

        /// The value, if it is text.
        public var text: String? {
            value.flatMap { String(validating: $0, as: UTF8.self) }
        }
    }
}
