/// What comes and goes, by numbers that are another's once theirs is gone: to look one up hashes nothing. A value.
struct NumberedTable<Element> {
    private var elements: [Element?] = []
    private var free: [Int] = []

    /// `nil` where nothing is any more.
    subscript(_ number: Int) -> Element? {
        _read { yield elements[number] }
        _modify { yield &elements[number] }
    }

    mutating func add(_ element: Element) -> Int {
        guard let number = free.popLast() else {
            elements.append(element)
            return elements.count - 1
        }
        elements[number] = element
        return number
    }

    /// Nothing, if nothing was there.
    mutating func remove(_ number: Int) -> Element? {
        guard let element = elements[number].take() else { return nil }
        free.append(number)
        return element
    }
}
