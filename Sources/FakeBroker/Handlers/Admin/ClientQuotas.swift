internal import KafkaProtocol
internal import OrderedCollections

// DescribeClientQuotas (key 48) and AlterClientQuotas (key 49). What quotas do is in Quotas.swift; here is how they
// are named on the wire: an entity is one or two of user, client id and ip, each with a name or, as null, the default.

private enum QuotaEntityType {
    static let user = "user"
    static let clientID = "client-id"
    static let ip = "ip"
    static let all = [user, clientID, ip]
}

/// How a component of a filter matches.
private enum QuotaMatch {
    static let exact: Int8 = 0
    static let standard: Int8 = 1
    static let any: Int8 = 2
}

extension Cluster {
    mutating func describeClientQuotas(
        _ request: DescribeClientQuotasRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = DescribeClientQuotasResponse()
        do throws(ConfigRefusal) {
            try Self.check(request)
            response.entries = quotas.entries.filter { request.matches($0.key) }.map { entity, values in
                var entry = DescribeClientQuotasResponse.EntryData()
                entry.entity = entity.components.map { type, name in
                    var told = DescribeClientQuotasResponse.EntityData()
                    told.entityType = type
                    told.entityName = name.text
                    return told
                }
                entry.values = values.map { key, value in
                    var told = DescribeClientQuotasResponse.ValueData()
                    told.key = key
                    told.value = value
                    return told
                }
                return entry
            }
        } catch {
            response.errorCode = error.code
            response.errorMessage = error.message
        }
        reply(to: context, .describeClientQuotas(response), error: response.errorCode, effects: &effects)
    }

    private static func check(_ request: DescribeClientQuotasRequest) throws(ConfigRefusal) {
        var types: Set<String> = []
        for component in request.components {
            try check(entityType: component.entityType)
            guard types.insert(component.entityType).inserted else {
                throw .quota("Entity type '\(component.entityType)' is named more than once.")
            }
            guard QuotaMatch.exact...QuotaMatch.any ~= component.matchType else {
                throw .quota(
                    "Match type \(component.matchType) is not known; accepted are 0 (exact), 1 (default) and 2 (any).")
            }
            guard component.matchType != QuotaMatch.exact || component.match != nil else {
                throw .quota("An exact match of '\(component.entityType)' needs a name.")
            }
        }
    }

    private static func check(entityType: String) throws(ConfigRefusal) {
        guard QuotaEntityType.all.contains(entityType) else {
            throw .quota(
                "Entity type '\(entityType.prefix(100))' is not known; accepted are "
                    + "\(QuotaEntityType.all.joined(separator: ", ")).")
        }
    }

    mutating func alterClientQuotas(
        _ request: AlterClientQuotasRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = AlterClientQuotasResponse()
        for asked in request.entries {
            var answer = AlterClientQuotasResponse.EntryData()
            answer.entity = asked.entity.map { entity in
                var told = AlterClientQuotasResponse.EntityData()
                told.entityType = entity.entityType
                told.entityName = entity.entityName
                return told
            }
            do throws(ConfigRefusal) {
                let entity = try Self.entity(asked.entity)
                for operation in asked.ops { try check(operation, entity) }
                if !request.validateOnly {
                    for operation in asked.ops {
                        quotas.set(operation.key, to: operation.remove ? nil : operation.value, for: entity)
                    }
                }
            } catch {
                answer.errorCode = error.code
                answer.errorMessage = error.message
            }
            response.entries.append(answer)
        }
        let firstError = response.entries.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .alterClientQuotas(response), error: firstError, effects: &effects)
    }

    private static func entity(
        _ components: [AlterClientQuotasRequest.EntityData]
    ) throws(ConfigRefusal) -> Quotas.Entity {
        var entity = Quotas.Entity()
        for component in components {
            try check(entityType: component.entityType)
            let name: Quotas.Name = component.entityName.map { .named($0) } ?? .standard
            let former: Quotas.Name?
            switch component.entityType {
            case QuotaEntityType.user: (former, entity.user) = (entity.user, name)
            case QuotaEntityType.clientID: (former, entity.clientID) = (entity.clientID, name)
            default: (former, entity.ip) = (entity.ip, name)
            }
            guard former == nil, component.entityName != "" else {
                throw .quota("Entity type '\(component.entityType)' is named more than once, or its name is empty.")
            }
        }
        guard entity != Quotas.Entity() else { throw .quota("The entity is empty.") }
        guard entity.ip == nil || (entity.user == nil && entity.clientID == nil) else {
            throw .quota("An ip cannot be combined with a user or a client id.")
        }
        return entity
    }

    private func check(
        _ operation: AlterClientQuotasRequest.OpData, _ entity: Quotas.Entity
    ) throws(ConfigRefusal) {
        let accepted = entity.ip == nil ? Quotas.clientKeys : Quotas.addressKeys
        guard accepted.contains(operation.key) else {
            throw .quota(
                "Quota '\(operation.key.prefix(100))' is not known for this entity; accepted are "
                    + "\(accepted.joined(separator: ", ")).")
        }
        guard operation.remove || (operation.value.isFinite && operation.value > 0) else {
            throw .quota("Quota '\(operation.key)' is \(operation.value); accepted are numbers above 0.")
        }
        guard quotas.entries[entity] != nil || quotas.count < settings.limits.quotas else {
            throw .quota("The cluster has \(quotas.count) entities with quotas, its limit.")
        }
    }
}

extension ConfigRefusal {
    fileprivate static func quota(_ message: String) -> ConfigRefusal {
        ConfigRefusal(code: .invalidRequest, message: message)
    }
}

extension Quotas.Entity {
    fileprivate var components: [(type: String, name: Quotas.Name)] {
        [(QuotaEntityType.user, user), (QuotaEntityType.clientID, clientID), (QuotaEntityType.ip, ip)]
            .compactMap { type, name in name.map { (type, $0) } }
    }
}

extension DescribeClientQuotasRequest {
    /// Every component of the filter fits; if it is strict, the entity has no other.
    fileprivate func matches(_ entity: Quotas.Entity) -> Bool {
        let own = entity.components
        if strict, own.count != components.count { return false }
        return components.allSatisfy { component in
            guard let name = own.first(where: { $0.type == component.entityType })?.name else { return false }
            switch component.matchType {
            case QuotaMatch.exact: return name == .named(component.match ?? "")
            case QuotaMatch.standard: return name == .standard
            default: return true
            }
        }
    }
}

extension AlterClientQuotasResponse {
    init(refusing request: AlterClientQuotasRequest, with error: ErrorCode) {
        self.init()
        entries = request.entries.map { entry in
            var answer = EntryData()
            answer.errorCode = error
            answer.entity = entry.entity.map { entity in
                var told = EntityData()
                told.entityType = entity.entityType
                told.entityName = entity.entityName
                return told
            }
            return answer
        }
    }
}
