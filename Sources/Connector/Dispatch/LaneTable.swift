// Which lanes have events in hand, and how many. A value.

/// A lane with events in hand. Its number is another's once it has none.
struct LaneNumber: Sendable {
    let index: Int
}

/// Looked up by chains of lanes whose hashes end alike: three look-ups in a dictionary would cost an event more than
/// everything else here.
struct LaneTable {
    private struct Lane {
        let id: LaneID
        var count = 1
        let place: FunctionPlace?
        /// The lane behind it in its chain.
        var next: Int?
    }

    private var lanes = NumberedTable<Lane>()
    /// The first lane of each chain. A power of two of them.
    private var chains: [Int?]

    /// More lanes than that have longer chains.
    private static let mostChains = 1 << 17

    /// - Parameter most: How many lanes there may be.
    init(most: Int) {
        var count = 2
        while count < most, count < Self.mostChains { count *= 2 }
        chains = Array(repeating: nil, count: 2 * count)
    }

    /// One key may have a lane in each partition.
    private func chain(of id: LaneID) -> Int {
        let mixed = id.hash &+ UInt64(truncatingIfNeeded: id.partition.partition) &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: mixed ^ mixed >> 32) & (chains.count - 1)
    }

    /// `nil` if it has no event in hand.
    func number(of id: LaneID) -> LaneNumber? {
        var number = chains[chain(of: id)]
        while let index = number {
            let (isIt, next) = lanes.look(at: index) { ($0?.id == id, $0?.next) }
            if isIt { return LaneNumber(index: index) }
            number = next
        }
        return nil
    }

    /// Those of which something is in hand.
    var partitions: Set<SourcePartition> { Set(lanes.all.lazy.map(\.id.partition)) }

    /// The first event of a lane comes in hand.
    ///
    /// - Parameter place: At the functions that its events are for, kept until it has none in hand.
    mutating func open(_ id: LaneID, _ place: FunctionPlace?) -> LaneNumber {
        let chain = chain(of: id)
        let index = lanes.add(Lane(id: id, place: place, next: chains[chain]))
        chains[chain] = index
        return LaneNumber(index: index)
    }

    /// One more comes in hand.
    mutating func enter(_ lane: LaneNumber) { lanes.change(lane.index) { $0?.count += 1 } }

    /// One leaves; answers whether it was the last, and then the lane's place.
    mutating func leave(_ lane: LaneNumber) -> (isEmpty: Bool, place: FunctionPlace?) {
        let left = lanes.change(lane.index) { lane in
            lane?.count -= 1
            return lane?.count
        }
        guard let left else { preconditionFailure("an event finished twice") }
        guard left == 0, let emptied = lanes.remove(lane.index) else { return (false, nil) }
        unchain(lane.index, emptied)
        return (true, emptied.place)
    }

    private mutating func unchain(_ index: Int, _ emptied: Lane) {
        let chain = chain(of: emptied.id)
        guard var before = chains[chain], before != index else {
            chains[chain] = emptied.next
            return
        }
        while let next = lanes.look(at: before, { $0?.next }), next != index { before = next }
        lanes.change(before) { $0?.next = emptied.next }
    }
}
