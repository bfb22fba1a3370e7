// The code of the article RunAConnector, run.

import Connector
import ConnectorTesting
import SeededRandom
import Simulation
import Testing

// article: begin
/// Feeds ten orders to a function that refuses each third one at first; says how often it was called.
func callsForTenOrders(seed: UInt64) throws -> Int {
    let executor = SeededExecutor(seed: seed)
    let time = TimeSource(executor.clock)
    return try executor.run {
        let log = InMemoryLog()
        let orders = SourcePartition(topic: "orders", partition: 0)
        for number in 1...10 { await log.append(Array("order \(number)".utf8), to: orders) }

        let gateway = InMemoryGateway()
        await gateway.deploy("bill", topic: "orders") { invocation in
            let order = invocation.event.id
            let isFirstCall = await gateway.calls(of: "bill").count { $0 == order } == 1
            return Reply(status: isFirstCall && order.offset % 3 == 0 ? 503 : 200)
        }

        var configuration = ConnectorConfiguration(topics: ["orders"])
        configuration.delivery = .atLeastOnce
        let connector = Connector(
            configuration: configuration, source: InMemorySource(log: log, time: time, seed: seed),
            gateway: gateway, observer: Ledger(), time: time, generator: SeededGenerator(seed: seed))

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await connector.consume() }
            while await log.committed(orders) < 10 { try await executor.clock.sleep(for: .seconds(1)) }
            await connector.drain()
            try await group.waitForAll()
        }
        return await gateway.calls(of: "bill").count
    }
}
// article: end
