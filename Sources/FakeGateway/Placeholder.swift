enum FakeGatewayPlaceholder {}
