enum ConnectorPlaceholder {}
