internal import KafkaProtocol

// ListGroups (key 16): the groups that the asked broker coordinates, and that whoever asks may see.
//
// Filters by state from version 4 on (KIP-518), by type from version 5 on (KIP-848); both whatever the case.

extension Cluster {
    mutating func listGroups(_ request: ListGroupsRequest, _ context: RequestContext, effects: inout Effects) {
        let states = Set(request.statesFilter.map { $0.lowercased() })
        let types = Set(request.typesFilter.map { $0.lowercased() })
        let seesAll = authorize(.describe, .cluster, context)
        var response = ListGroupsResponse()
        response.groups = groups.ids.compactMap(listed).filter { group in
            (states.isEmpty || states.contains(group.groupState.lowercased()))
                && (types.isEmpty || types.contains(group.groupType.lowercased()))
                && coordinatorError(group.groupID, broker: context.broker) == .none
                && (seesAll || authorize(.describe, .group(group.groupID), context))
        }
        reply(to: context, .listGroups(response), effects: &effects)
    }

    private func listed(_ id: String) -> ListGroupsResponse.ListedGroup? {
        var listed = ListGroupsResponse.ListedGroup()
        listed.groupID = id
        guard let kind = groups.kind(of: id) else { return nil }
        listed.groupType = kind.rawValue
        switch kind {
        case .classic:
            listed.protocolType = groups[id]?.protocolType ?? ""
            listed.groupState = groups[id]?.stateName ?? ""
        case .consumer:
            listed.protocolType = ConsumerProtocol.type
            listed.groupState = groups[consumer: id]?.stateName ?? ""
        case .share:
            listed.protocolType = "share"
            listed.groupState = groups[share: id]?.stateName ?? ""
        }
        return listed
    }
}
