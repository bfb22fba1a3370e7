// A request of any kind. Reading and writing are in Message+Bytes.swift; here is what each key carries.

package enum Request: Equatable, Sendable {
    case produce(ProduceRequest)
    case fetch(FetchRequest)
    case listOffsets(ListOffsetsRequest)
    case metadata(MetadataRequest)
    case offsetCommit(OffsetCommitRequest)
    case offsetFetch(OffsetFetchRequest)
    case findCoordinator(FindCoordinatorRequest)
    case joinGroup(JoinGroupRequest)
    case heartbeat(HeartbeatRequest)
    case leaveGroup(LeaveGroupRequest)
    case syncGroup(SyncGroupRequest)
    case apiVersions(ApiVersionsRequest)
    case createTopics(CreateTopicsRequest)
    case deleteTopics(DeleteTopicsRequest)
    case initProducerId(InitProducerIdRequest)

    /// The request with every field at its default.
    package init(_ apiKey: APIKey) {
        switch apiKey {
        case .produce: self = .produce(ProduceRequest())
        case .fetch: self = .fetch(FetchRequest())
        case .listOffsets: self = .listOffsets(ListOffsetsRequest())
        case .metadata: self = .metadata(MetadataRequest())
        case .offsetCommit: self = .offsetCommit(OffsetCommitRequest())
        case .offsetFetch: self = .offsetFetch(OffsetFetchRequest())
        case .findCoordinator: self = .findCoordinator(FindCoordinatorRequest())
        case .joinGroup: self = .joinGroup(JoinGroupRequest())
        case .heartbeat: self = .heartbeat(HeartbeatRequest())
        case .leaveGroup: self = .leaveGroup(LeaveGroupRequest())
        case .syncGroup: self = .syncGroup(SyncGroupRequest())
        case .apiVersions: self = .apiVersions(ApiVersionsRequest())
        case .createTopics: self = .createTopics(CreateTopicsRequest())
        case .deleteTopics: self = .deleteTopics(DeleteTopicsRequest())
        case .initProducerId: self = .initProducerId(InitProducerIdRequest())
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

    /// Walks the request whatever it is. Stays generic inside this module, where it is specialised for every coder.
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
