package import FakeGateway

// FakeBroker has a `FaultRule` too; a file that needs both says which.

package typealias GatewayFaultRule = FaultRule
