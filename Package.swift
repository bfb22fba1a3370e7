// swift-tools-version: 6.2
import PackageDescription

// Names the targets and who may know whom; the reasons are in docs/architecture.md.

let nio = "swift-nio"
let nioCore: Target.Dependency = .product(name: "NIOCore", package: nio)
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: nio)
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: nio)
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: nio)
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: nio)
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let ordered: Target.Dependency = .product(name: "OrderedCollections", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
/// Apple's platforms have it as System.
let system: Target.Dependency = .product(
    name: "SystemPackage", package: "swift-system", condition: .when(platforms: [.linux]))
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")

let package = Package(
    name: "openfaas-kafka-connector",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "Connector", targets: ["Connector"]),
        .library(name: "ConnectorTesting", targets: ["ConnectorTesting"]),
        .library(name: "FakeBroker", targets: ["FakeBroker"]),
        .library(name: "FakeBrokerTesting", targets: ["FakeBrokerTesting"]),
        .library(name: "FakeGateway", targets: ["FakeGateway"]),
        .library(name: "SourceConformance", targets: ["SourceConformance"]),
        .library(name: "Simulation", targets: ["Simulation", "SeededRandom"]),
        .executable(name: "kafka-connector", targets: ["kafka-connector"]),
        .executable(name: "rabbitmq-connector", targets: ["rabbitmq-connector"]),
        .executable(name: "sns-connector", targets: ["sns-connector"]),
        .executable(name: "load-producer", targets: ["load-producer"]),
        .executable(name: "connector-sim", targets: ["connector-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // Shared by what is driven by a seed
        .target(name: "SeededRandom"),
        .target(name: "GoDuration"),
        .target(name: "Base64Coding"),
        // Keys, values and rates, for load-producer and for the producers of the simulation
        .target(name: "LoadGenerators", dependencies: ["SeededRandom", "GoDuration"]),

        // Shared by what calls C libraries that block
        .target(name: "Threads"),

        // Kafka, both sides of the wire
        .systemLibrary(
            name: "Crdkafka", pkgConfig: "rdkafka",
            providers: [.apt(["librdkafka-dev"]), .brew(["librdkafka"])]),
        .target(name: "Kafka", dependencies: ["Crdkafka", "Threads", logging]),
        .target(name: "CCRC32C"),
        .target(name: "KafkaProtocol", dependencies: ["Base64Coding", "CCRC32C", nioCore]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"]), .brew(["lz4"])]),
        .systemLibrary(
            name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .target(name: "RecordCompression", dependencies: ["CZlib", "CLZ4", "CZstd", "KafkaProtocol", nioCore]),
        .target(
            name: "FakeBroker",
            dependencies: [
                "KafkaProtocol", "RecordCompression", "Base64Coding", "GoDuration", nioCore, nioPosix, nioSSL, crypto,
                cryptoExtras, asn1, x509, logging, deque, ordered, heap,
            ]),

        // A trait for Swift Testing; apart, so that nobody else links Testing
        .target(name: "FakeBrokerTesting", dependencies: ["FakeBroker"]),

        // HTTP and OpenFaaS
        .target(name: "HTTP", dependencies: ["Base64Coding", nioCore, nioPosix, nioHTTP1, nioTLS, nioSSL, deque]),
        .target(
            name: "FakeGateway",
            dependencies: [
                "HTTP", "SeededRandom", "GoDuration", nioCore, nioPosix, nioHTTP1, deque, ordered, subprocess, system,
            ]),

        // The connector and its adapters
        .target(name: "Connector", dependencies: ["Base64Coding", "GoDuration", logging, lifecycle, deque, ordered]),
        // What any source of events is tested with
        .target(name: "SourceConformance", dependencies: ["Connector"]),
        .target(name: "KafkaSource", dependencies: ["Connector", "Kafka", logging, deque]),
        .systemLibrary(
            name: "Crabbitmq", pkgConfig: "librabbitmq",
            providers: [.apt(["librabbitmq-dev"]), .brew(["rabbitmq-c"])]),
        .target(name: "RabbitMQSource", dependencies: ["Crabbitmq", "Threads", "Connector", logging, deque]),
        .target(
            name: "SNSSource",
            dependencies: [
                "Connector", "HTTP", nioCore, nioHTTP1, crypto, cryptoExtras, asn1, x509, logging, deque, ordered,
            ]),
        .target(
            name: "OpenFaaSGateway",
            dependencies: ["Connector", "HTTP", nioCore, nioPosix, nioHTTP1, logging, deque]),
        .target(
            name: "KafkaConnector",
            dependencies: [
                "Connector", "GoDuration", "KafkaSource", "OpenFaaSGateway", "Kafka", "HTTP", "Threads", nioCore,
                nioPosix, nioHTTP1, logging, lifecycle, signals, yams,
            ]),
        // What a user writes down for the fakes: faults, and what a simulation has beside them
        .target(
            name: "Scenarios",
            dependencies: [
                "Connector", "GoDuration", "LoadGenerators", "KafkaConnector", "FakeBroker", "FakeGateway",
                "Simulation", "SystemSimulation", yams,
            ]),

        // What is driven by a seed, in virtual time: the library knows no Kafka and no OpenFaaS
        .target(name: "Simulation", dependencies: ["SeededRandom", heap, deque]),
        .target(name: "ConnectorTesting", dependencies: ["Connector", "Simulation", "SeededRandom", deque]),
        .target(
            name: "SystemSimulation",
            dependencies: [
                "Simulation", "SeededRandom", "LoadGenerators", "Connector", "KafkaSource", "Kafka", "KafkaProtocol",
                "FakeBroker", "OpenFaaSGateway", "FakeGateway", "HTTP", nioCore, nioHTTP1, deque,
            ]),
        .target(
            name: "LoadProducer",
            dependencies: [
                "Kafka", "CCRC32C", "Threads", "SeededRandom", "LoadGenerators", "GoDuration", "Connector",
                "KafkaConnector", "HTTP", "FakeGateway", nioCore, nioPosix, nioHTTP1, logging, histogram, yams,
            ]),

        // Executables
        .executableTarget(
            name: "kafka-connector",
            dependencies: ["Connector", "KafkaConnector", "HTTP", nioCore, nioPosix, logging]),
        .executableTarget(
            name: "rabbitmq-connector",
            dependencies: ["Connector", "KafkaConnector", "RabbitMQSource", logging]),
        .executableTarget(
            name: "sns-connector",
            dependencies: ["Connector", "KafkaConnector", "SNSSource", "HTTP", nioCore, x509, logging]),
        .executableTarget(
            name: "load-producer",
            dependencies: ["LoadProducer", "Connector", "KafkaConnector", logging, signals]),
        .executableTarget(
            name: "connector-sim",
            dependencies: [
                "Connector", "KafkaConnector", "Kafka", "HTTP", "FakeBroker", "FakeGateway", "Scenarios", "Simulation",
                "SystemSimulation", nioCore, nioPosix, nioHTTP1, logging, lifecycle, signals, arguments, histogram,
            ]),

        // Tests
        .target(
            name: "TestSupport", dependencies: [nioCore, nioPosix, subprocess, system], path: "Tests/Support"),
        .testTarget(name: "KafkaTests", dependencies: ["Kafka", "Crdkafka", "TestSupport", logging]),
        .testTarget(name: "KafkaProtocolTests", dependencies: ["KafkaProtocol", "CCRC32C", nioCore]),
        .testTarget(name: "RecordCompressionTests", dependencies: ["RecordCompression", "KafkaProtocol", nioCore]),
        .testTarget(
            name: "FakeBrokerTests",
            dependencies: [
                "FakeBroker", "FakeBrokerTesting", "KafkaProtocol", "RecordCompression", "Base64Coding", "TestSupport",
                nioCore, nioPosix, nioSSL, crypto, cryptoExtras, logging,
            ]),
        .testTarget(
            name: "HTTPTests",
            dependencies: [
                "HTTP", "SeededRandom", "TestSupport", nioCore, nioPosix, nioHTTP1, nioEmbedded, crypto, x509, asn1,
            ]),
        .testTarget(
            name: "FakeGatewayTests",
            dependencies: ["FakeGateway", "HTTP", "SeededRandom", "TestSupport", nioCore, nioPosix, nioHTTP1, logging]),
        .testTarget(
            name: "ConnectorTests",
            dependencies: [
                "Connector", "ConnectorTesting", "GoDuration", "Simulation", "SeededRandom", "TestSupport", logging,
            ]),
        .testTarget(
            name: "KafkaSourceTests",
            dependencies: ["KafkaSource", "Connector", "Kafka", "FakeBroker", "TestSupport", logging]),
        .testTarget(
            name: "OpenFaaSGatewayTests",
            dependencies: [
                "OpenFaaSGateway", "Connector", "ConnectorTesting", "FakeGateway", "HTTP", "SeededRandom",
                "TestSupport", nioCore, nioPosix, logging,
            ]),
        .testTarget(
            name: "KafkaConnectorTests",
            dependencies: ["KafkaConnector", "Connector", "Kafka", "KafkaSource", logging]),
        .testTarget(name: "LoadGeneratorsTests", dependencies: ["LoadGenerators", "SeededRandom"]),
        .testTarget(
            name: "LoadProducerTests",
            dependencies: [
                "LoadProducer", "LoadGenerators", "Connector", "Kafka", "SeededRandom", "FakeBroker", "FakeGateway",
                logging,
            ]),
        .testTarget(
            name: "ScenariosTests",
            dependencies: [
                "Scenarios", "Simulation", "SystemSimulation", "Connector", "FakeBroker", "FakeGateway", "Threads",
            ],
            exclude: ["Found"]),
        // Debian's RabbitMQ server
        .target(
            name: "RabbitMQTesting", dependencies: ["RabbitMQSource", "TestSupport"], path: "Tests/RabbitMQTesting",
            exclude: ["rabbitmq.sh"]),
        .testTarget(
            name: "RabbitMQSourceTests",
            dependencies: [
                "RabbitMQSource", "RabbitMQTesting", "Connector", "Simulation", "FakeGateway", "TestSupport",
                "rabbitmq-connector", logging,
            ]),
        .testTarget(
            name: "SourceConformanceTests",
            dependencies: [
                "SourceConformance", "Connector", "ConnectorTesting", "Simulation", "KafkaSource", "Kafka",
                "FakeBroker", "RabbitMQSource", "RabbitMQTesting", "TestSupport", "SNSSource", "HTTP", "SNSTesting",
                nioCore, nioPosix, logging,
            ]),
        // An authority of SNS and a service that delivers as SNS does
        .target(
            name: "SNSTesting",
            dependencies: [
                "SNSSource", "Connector", "HTTP", nioCore, nioPosix, crypto, cryptoExtras, asn1, x509, logging,
            ],
            path: "Tests/SNSTesting"),
        .testTarget(
            name: "SNSSourceTests",
            dependencies: [
                "SNSSource", "SNSTesting", "Connector", "HTTP", "FakeGateway", "SeededRandom", "TestSupport",
                "sns-connector", nioCore, nioPosix, nioHTTP1, crypto, logging, subprocess,
            ],
            exclude: ["moto_sns.py"]),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation", "SeededRandom"]),
        .testTarget(
            name: "SystemSimulationTests",
            dependencies: [
                "SystemSimulation", "Simulation", "SeededRandom", "LoadGenerators", "Connector", "Kafka",
                "KafkaProtocol", "Threads", nioCore,
            ]),
        .testTarget(name: "ConformanceTests", dependencies: ["KafkaProtocol", nioCore], exclude: ["oracle"]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Connector", "KafkaConnector", "KafkaSource", "OpenFaaSGateway", "Kafka", "HTTP", "FakeBroker",
                "FakeBrokerTesting", "FakeGateway", "TestSupport", "kafka-connector", "load-producer", "connector-sim",
                nioCore, nioPosix, logging, subprocess, system,
            ],
            exclude: ["clients"]),
        // Depends on the libraries alone, as who uses them does; TestSupport only runs kcat.
        .testTarget(
            name: "DocumentationTests",
            dependencies: [
                "Connector", "ConnectorTesting", "SourceConformance", "FakeBroker", "FakeBrokerTesting", "FakeGateway",
                "Simulation", "SeededRandom", "TestSupport",
            ]),
        .testTarget(name: "StyleTests"),
    ],
    swiftLanguageModes: [.v6]
)

/// One set of settings for every Swift target.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .strictMemorySafety(),
]

for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + settings
}
