// What the invariants remember of a run. They look up several thousand keys in each of hundreds of runs a second, and
// the keys are small numbers: to go to a place in an array costs a fraction of hashing.

/// Values by the number of a partition or function; the trace has -1 for none. Each is there, and `initial` at first.
struct ByNumber<Value> {
    private let initial: Value
    private var values: [Value] = []

    init(_ initial: Value) { self.initial = initial }

    /// Changed where it stands, here and below.
    subscript(number: Int16) -> Value {
        @inline(__always) get {
            let place = Int(number) + 1
            return place < values.count ? values[place] : initial
        }
        @inline(__always) _modify {
            let place = Int(number) + 1
            while values.count <= place { values.append(initial) }
            yield &values[place]
        }
    }

    var indices: Range<Int16> { values.isEmpty ? 0..<0 : -1..<Int16(values.count - 1) }
}

/// Values by event. Offsets begin at 0, and there are no more of them than messages in the plan.
struct ByEvent<Value> {
    private let initial: Value
    private var rows = ByNumber<[Value]>([])

    init(_ initial: Value) { self.initial = initial }

    subscript(event: EventKey) -> Value {
        @inline(__always) get {
            let offset = Int(event.offset)
            let row = rows[event.partition]
            return offset < row.count ? row[offset] : initial
        }
        @inline(__always) _modify {
            let offset = Int(event.offset)
            while rows[event.partition].count <= offset { rows[event.partition].append(initial) }
            yield &rows[event.partition][offset]
        }
    }

    /// By partition, and by offset.
    func first(where isWanted: (EventKey, Value) -> Bool) -> EventKey? {
        for partition in rows.indices {
            for (offset, value) in rows[partition].enumerated() {
                let key = EventKey(partition: partition, offset: Int64(offset))
                if isWanted(key, value) { return key }
            }
        }
        return nil
    }
}

/// Values by the life of a replica. A run has few lives, so that to look through them is soonest done.
struct ByLife<Value> {
    private let initial: Value
    private var lives: [LifeKey] = []
    private var values: [Value] = []

    init(_ initial: Value) { self.initial = initial }

    subscript(life: LifeKey) -> Value {
        @inline(__always) get { lives.firstIndex(of: life).map { values[$0] } ?? initial }
        @inline(__always) _modify {
            let place = lives.firstIndex(of: life) ?? lives.count
            if place == lives.count {
                lives.append(life)
                values.append(initial)
            }
            yield &values[place]
        }
    }

    /// In the order in which they came up.
    var all: [(life: LifeKey, value: Value)] { zip(lives, values).map { ($0, $1) } }
}
