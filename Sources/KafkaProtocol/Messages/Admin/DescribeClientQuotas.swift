// DescribeClientQuotas (key 48) shows the quotas of users, clients and addresses (KIP-546).
//
// v1 flexible.

package struct DescribeClientQuotasRequest: WireStruct {
    package var components: [ComponentData] = []
    package var strict = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Components", &components)
        w.bool("Strict", &strict)
    }

    package struct ComponentData: WireStruct {
        package var entityType = ""
        package var matchType: Int8 = 0
        package var match: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("EntityType", &entityType)
            w.int8("MatchType", &matchType)
            w.nullableString("Match", &match)
        }
    }
}

package struct DescribeClientQuotasResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var entries: [EntryData]?

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ErrorMessage", &errorMessage)
        w.nullableArray("Entries", &entries)
    }

    package struct EntryData: WireStruct {
        package var entity: [EntityData] = []
        package var values: [ValueData] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.array("Entity", &entity)
            w.array("Values", &values)
        }
    }

    package struct EntityData: WireStruct {
        package var entityType = ""
        package var entityName: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("EntityType", &entityType)
            w.nullableString("EntityName", &entityName)
        }
    }

    package struct ValueData: WireStruct {
        package var key = ""
        package var value: Double = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Key", &key)
            w.float64("Value", &value)
        }
    }
}
