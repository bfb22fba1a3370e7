// When what comes next: a binary heap of deadlines, and a table of what is due then. Small entries move through the
// heap; what they are for stays in its slot, and is let go at once when it is cancelled.

/// Timers by their deadlines, and by the order in which they were set.
struct TimerQueue<Due> {
    /// In nanoseconds.
    typealias Deadline = Int64

    private struct Entry {
        let deadline: Deadline
        let number: UInt64
        let slot: Int

        func isBefore(_ other: Entry) -> Bool {
            deadline == other.deadline ? number < other.number : deadline < other.deadline
        }
    }

    private struct Slot {
        var number: UInt64
        var due: Due?
    }

    private var heap: [Entry] = []
    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var lastNumber: UInt64 = 0

    /// A number and a place, before anything is due.
    mutating func reserve() -> SeededExecutor.ScheduledEvent {
        lastNumber += 1
        guard let free = freeSlots.popLast() else {
            slots.append(Slot(number: lastNumber))
            return SeededExecutor.ScheduledEvent(number: lastNumber, slot: slots.count - 1)
        }
        slots[free].number = lastNumber
        return SeededExecutor.ScheduledEvent(number: lastNumber, slot: free)
    }

    /// Gives up a place at which nothing was set.
    mutating func release(_ event: SeededExecutor.ScheduledEvent) { freeSlots.append(event.slot) }

    mutating func set(_ event: SeededExecutor.ScheduledEvent, at deadline: Deadline, _ due: Due) {
        slots[event.slot].due = due
        insert(Entry(deadline: deadline, number: event.number, slot: event.slot))
    }

    /// Nil if its time has come already, or it was cancelled. The deadline stays, and comes to nothing.
    mutating func cancel(_ event: SeededExecutor.ScheduledEvent) -> Due? {
        slots[event.slot].number == event.number ? slots[event.slot].due.take() : nil
    }

    /// The next deadline, and what is due then: nothing, if it was cancelled.
    mutating func next() -> (deadline: Deadline, due: Due?)? {
        guard let first = removeFirst() else { return nil }
        freeSlots.append(first.slot)
        return (first.deadline, slots[first.slot].due.take())
    }

    /// Takes all that is due some time and that `isWanted`.
    mutating func takeAll(where isWanted: (Due) -> Bool) -> [Due] {
        var taken: [Due] = []
        for index in slots.indices {
            guard let due = slots[index].due, isWanted(due) else { continue }
            taken.append(due)
            slots[index].due = nil
        }
        return taken
    }

    // MARK: The heap

    private mutating func insert(_ entry: Entry) {
        heap.append(entry)
        var entries = heap.mutableSpan
        Self.rise(entry, from: entries.count - 1, in: &entries)
    }

    /// Puts an entry where the hole is, or as far above as it belongs.
    private static func rise(_ entry: Entry, from start: Int, in entries: inout MutableSpan<Entry>) {
        var hole = start
        while hole > 0 {
            let parent = (hole - 1) / 2
            guard entry.isBefore(entries[parent]) else { break }
            entries[hole] = entries[parent]
            hole = parent
        }
        entries[hole] = entry
    }

    /// The hole sinks to a leaf, which costs one comparison a level; the last entry seldom rises far from there.
    private mutating func removeFirst() -> Entry? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return last }
        var entries = heap.mutableSpan
        var hole = 0
        while true {
            var child = 2 * hole + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].isBefore(entries[child]) { child += 1 }
            entries[hole] = entries[child]
            hole = child
        }
        Self.rise(last, from: hole, in: &entries)
        return first
    }
}
