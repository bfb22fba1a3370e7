enum OpenFaaSGatewayPlaceholder {}
