// A reply of any kind. Reading and writing are in Message+Bytes.swift; here is what each key carries.

package enum Response: Equatable, Sendable {
    case produce(ProduceResponse)
    case fetch(FetchResponse)
    case listOffsets(ListOffsetsResponse)
    case metadata(MetadataResponse)
    case offsetCommit(OffsetCommitResponse)
    case offsetFetch(OffsetFetchResponse)
    case findCoordinator(FindCoordinatorResponse)
    case joinGroup(JoinGroupResponse)
    case heartbeat(HeartbeatResponse)
    case leaveGroup(LeaveGroupResponse)
    case syncGroup(SyncGroupResponse)
    case apiVersions(ApiVersionsResponse)
    case createTopics(CreateTopicsResponse)
    case deleteTopics(DeleteTopicsResponse)
    case initProducerId(InitProducerIdResponse)

    /// The response with every field at its default.
    package init(_ apiKey: APIKey) {
        switch apiKey {
        case .produce: self = .produce(ProduceResponse())
        case .fetch: self = .fetch(FetchResponse())
        case .listOffsets: self = .listOffsets(ListOffsetsResponse())
        case .metadata: self = .metadata(MetadataResponse())
        case .offsetCommit: self = .offsetCommit(OffsetCommitResponse())
        case .offsetFetch: self = .offsetFetch(OffsetFetchResponse())
        case .findCoordinator: self = .findCoordinator(FindCoordinatorResponse())
        case .joinGroup: self = .joinGroup(JoinGroupResponse())
        case .heartbeat: self = .heartbeat(HeartbeatResponse())
        case .leaveGroup: self = .leaveGroup(LeaveGroupResponse())
        case .syncGroup: self = .syncGroup(SyncGroupResponse())
        case .apiVersions: self = .apiVersions(ApiVersionsResponse())
        case .createTopics: self = .createTopics(CreateTopicsResponse())
        case .deleteTopics: self = .deleteTopics(DeleteTopicsResponse())
        case .initProducerId: self = .initProducerId(InitProducerIdResponse())
        }
    }

    package var apiKey: APIKey {
        switch self {
        case .produce: .produce
        case .fetch: .fetch
        case .listOffsets: .listOffsets
        case .metadata: .metadata
        case .offsetCommit: .offsetCommit
        case .offsetFetch: .offsetFetch
        case .findCoordinator: .findCoordinator
        case .joinGroup: .joinGroup
        case .heartbeat: .heartbeat
        case .leaveGroup: .leaveGroup
        case .syncGroup: .syncGroup
        case .apiVersions: .apiVersions
        case .createTopics: .createTopics
        case .deleteTopics: .deleteTopics
        case .initProducerId: .initProducerId
        }
    }

    /// Walks the response whatever it is. Stays generic inside this module, where it is specialised for every coder.
    mutating func wire(_ w: inout some WireCoder) {
        switch self {
        case .produce(var body): w.structure("", &body); self = .produce(body)
        case .fetch(var body): w.structure("", &body); self = .fetch(body)
        case .listOffsets(var body): w.structure("", &body); self = .listOffsets(body)
        case .metadata(var body): w.structure("", &body); self = .metadata(body)
        case .offsetCommit(var body): w.structure("", &body); self = .offsetCommit(body)
        case .offsetFetch(var body): w.structure("", &body); self = .offsetFetch(body)
        case .findCoordinator(var body): w.structure("", &body); self = .findCoordinator(body)
        case .joinGroup(var body): w.structure("", &body); self = .joinGroup(body)
        case .heartbeat(var body): w.structure("", &body); self = .heartbeat(body)
        case .leaveGroup(var body): w.structure("", &body); self = .leaveGroup(body)
        case .syncGroup(var body): w.structure("", &body); self = .syncGroup(body)
        case .apiVersions(var body): w.structure("", &body); self = .apiVersions(body)
        case .createTopics(var body): w.structure("", &body); self = .createTopics(body)
        case .deleteTopics(var body): w.structure("", &body); self = .deleteTopics(body)
        case .initProducerId(var body): w.structure("", &body); self = .initProducerId(body)
        }
    }
}
