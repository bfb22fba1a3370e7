enum FakeBrokerPlaceholder {}
