// AlterClientQuotas (key 49) sets or removes quotas (KIP-546).
//
// v1 flexible.

package struct AlterClientQuotasRequest: WireStruct {
    package var entries: [EntryData] = []
    package var validateOnly = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Entries", &entries)
        w.bool("ValidateOnly", &validateOnly)
    }

    package struct EntryData: WireStruct {
        package var entity: [EntityData] = []
        package var ops: [OpData] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.array("Entity", &entity)
            w.array("Ops", &ops)
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

    package struct OpData: WireStruct {
        package var key = ""
        package var value: Double = 0
        package var remove = false

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Key", &key)
            w.float64("Value", &value)
            w.bool("Remove", &remove)
        }
    }
}

package struct AlterClientQuotasResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var entries: [EntryData] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Entries", &entries)
    }

    package struct EntryData: WireStruct {
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?
        package var entity: [EntityData] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
            w.array("Entity", &entity)
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
}
