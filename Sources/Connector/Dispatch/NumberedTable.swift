/// What comes and goes, by numbers that are another's once theirs is gone: to look one up hashes nothing. A value.
struct NumberedTable<Element> {
    private var elements: [Element?] = []
    private var free: [Int] = []

    /// By number.
    var all: some Sequence<Element> { elements.lazy.compactMap { $0 } }

    /// `nil` where nothing is any more.
    subscript(_ number: Int) -> Element? { elements[number] }

    /// Looks at it in its place, without a copy.
    func look<Result>(at number: Int, _ look: (Element?) -> Result) -> Result { look(elements[number]) }

    /// Changes it in its place: a subscript that gives it away to be changed would allocate a frame for each use.
    mutating func change<Result>(_ number: Int, _ change: (inout Element?) -> Result) -> Result {
        change(&elements[number])
    }

    mutating func add(_ element: consuming Element) -> Int {
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
