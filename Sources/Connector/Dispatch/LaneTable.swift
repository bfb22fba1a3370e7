// Which lanes have events in hand, and how many. A value.

/// A lane with events in hand. Its number is another's once it has none.
struct LaneNumber: Sendable {
    let index: Int
}

struct LaneTable {
    private var lanes = NumberedTable<(id: LaneID, count: Int, place: FunctionPlace?)>()
    /// Only looked up, and only twice an event: to hash costs more than everything else here.
    private var numbers: [LaneID: Int] = [:]

    /// `nil` if it has no event in hand.
    func number(of id: LaneID) -> LaneNumber? { numbers[id].map(LaneNumber.init) }

    /// Those of which something is in hand.
    var partitions: Set<SourcePartition> { Set(numbers.keys.lazy.map(\.partition)) }

    /// The first event of a lane comes in hand.
    ///
    /// - Parameter place: At the functions that its events are for, kept until it has none in hand.
    mutating func open(_ id: LaneID, _ place: FunctionPlace?) -> LaneNumber {
        let index = lanes.add((id, 1, place))
        numbers[id] = index
        return LaneNumber(index: index)
    }

    /// One more comes in hand.
    mutating func enter(_ lane: LaneNumber) { lanes[lane.index]?.count += 1 }

    /// One leaves; answers whether it was the last, and then the lane's place.
    mutating func leave(_ lane: LaneNumber) -> (isEmpty: Bool, place: FunctionPlace?) {
        lanes[lane.index]?.count -= 1
        guard let left = lanes[lane.index]?.count else { preconditionFailure("an event finished twice") }
        guard left == 0, let emptied = lanes.remove(lane.index) else { return (false, nil) }
        numbers[emptied.id] = nil
        return (true, emptied.place)
    }
}
