import SeededRandom
import Testing

@testable import Connector

@Suite struct LaneTableTests {
    private func lane(_ name: String) -> LaneID? {
        let parts = name.split(separator: "/").map(String.init)
        let id = EventID(topic: parts[0], partition: Int32(parts[1]) ?? 0, offset: 0)
        return LaneID(of: Event(id: id, payload: nil, key: Bytes(parts[2])), ordering: .key)
    }

    @Test(arguments: 1...20)
    func `lanes that share a chain are told apart, whichever comes and goes`(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let most = Int.random(in: 1...12, using: &random)
        var table = LaneTable(most: most)
        // What the table is to do.
        var model: [String: (lane: LaneNumber, count: Int)] = [:]
        for _ in 0..<2_000 {
            let name =
                "\(["a", "b"][Int.random(in: 0...1, using: &random)])/\(Int.random(in: 0...1, using: &random))/"
                + "\(Int.random(in: 0...5, using: &random))"
            let id = try #require(lane(name))
            let known = model[name]
            #expect(table.number(of: id)?.index == known?.lane.index)
            guard let known else {
                if model.count < most { model[name] = (table.open(id, nil), 1) }
                continue
            }
            if Bool.random(using: &random) {
                table.enter(known.lane)
                model[name]?.count += 1
            } else {
                #expect(table.leave(known.lane).isEmpty == (known.count == 1))
                model[name] = known.count == 1 ? nil : (known.lane, known.count - 1)
            }
            let partitions = Set(model.keys.compactMap { lane($0)?.partition })
            #expect(table.partitions == partitions)
        }
    }
}
