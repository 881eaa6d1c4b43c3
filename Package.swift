// swift-tools-version: 6.3
import PackageDescription

/// Every target of ours is built so: existential types are spelled out, imports are private and complete, warnings are errors.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// Tests build C socket addresses, whose members the compiler sometimes ascribes to a module that only NIO has: they may be used without an import.
let strictButForC: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

/// A quirk: one folder under Plugins/. It sees values and text, never sockets or files.
func plugin(_ name: String) -> Target {
    .target(
        name: name, dependencies: ["QuirkKit", "SMTPWire"], path: "Plugins/\(name)",
        exclude: ["README.md", "Transcripts"], swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, exclude: exclude, swiftSettings: strictButForC)
}

/// Every quirk, by the name of its folder under Plugins/. The order in which they are asked is that of Sources/StandardQuirks/Catalogue.swift.
let plugins = [
    "BrokenSTARTTLS", "Concurrency", "DataNotBDAT", "FinalBlankLine", "FoldLongLines", "HeloName",
    "HeloOnly", "HideExtension", "LegacyTLS", "MessageLimit", "NullSender", "OneCommandAtATime",
    "OneDomain", "OneLineReplies", "Pix", "PlainParameters", "RSETIntolerant", "RecipientLimit", "ReplyRewrite",
    "SlowStarter", "SoftGreeting", "StickySender", "StrictSyntax",
]

let package = Package(
    name: "mailshim",
    products: [.executable(name: "mailshim", targets: ["mailshim"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // The way of the data, from the wire inwards.
        library("SMTPWire", [nio]),
        library("QuirkKit", ["SMTPWire", "CRegex"]),
        .target(name: "CRegex", linkerSettings: [.linkedLibrary("re2")]),
        library("SMTPSession", ["SMTPWire", "QuirkKit", nio]),
        library(
            "ProxyServer",
            [
                "SMTPWire", "QuirkKit", "SMTPSession", "LearnedQuirks", "Rules", "OpenSSLTLS", "AdminProtocol", "CSpawn",
                nio, nioPosix, nioHTTP, lifecycle, logging,
            ]),

        // How the command line talks to a running proxy. Knows nothing of SMTP.
        library("AdminProtocol"),
        .target(name: "CSpawn"),

        // TLS from the system's OpenSSL 3. Knows nothing of SMTP.
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        library("OpenSSLTLS", ["COpenSSL", nio, nioTLS]),

        // What is known of remotes: by configuration and by experience.
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(
            name: "CTOMLTree",
            cxxSettings: [.define("TOML_EXCEPTIONS", to: "0"), .define("TOML_ENABLE_FORMATTERS", to: "0"), .define("TOML_HEADER_ONLY", to: "1")]),
        .systemLibrary(name: "CIDN2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
        library("Rules", ["QuirkKit", "SMTPWire", "CTOMLTree", "CIDN2"]),
        library("LearnedQuirks", ["QuirkKit", "SMTPWire", "CSQLite"]),

        // The quirks.
        library("StandardQuirks", ["QuirkKit"] + plugins.map { .byName(name: $0) }),

        // For demonstrations and tests: `C:`/`S:` files, and a host that misbehaves to order.
        library("Transcript", ["SMTPWire", "QuirkKit", "SMTPSession", nio], exclude: ["README.md"]),
        library("OddHost", ["OpenSSLTLS", nio, nioPosix]),

        .executableTarget(
            name: "mailshim",
            dependencies: [
                "ProxyServer", "Rules", "LearnedQuirks", "StandardQuirks", "QuirkKit", "SMTPWire", "SMTPSession", "Transcript", "OddHost",
                "AdminProtocol", "OpenSSLTLS", nio, nioPosix, lifecycle, logging, arguments,
            ],
            swiftSettings: strict),

        // Counts what a test allocates.
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        tests("SMTPWire", ["SMTPWire", nio]),
        tests(
            "SMTPSession", ["SMTPSession", "SMTPWire", "QuirkKit", "Transcript", "StandardQuirks", "CAllocations", nio],
            exclude: ["Transcripts", "Refusals/Replies", "Refusals/Repairs.txt"]),
        tests("Rules", ["Rules", "QuirkKit"]),
        tests("LearnedQuirks", ["LearnedQuirks", "QuirkKit", "CSQLite"]),
        tests("Transcript", ["Transcript", "SMTPSession", "SMTPWire", "QuirkKit", nio]),
        tests("Plugin", ["StandardQuirks", "QuirkKit", "SMTPWire", "Transcript"] + plugins.map { .byName(name: $0) }),
        tests(
            "ProxyServer",
            [
                "ProxyServer", "OddHost", "SMTPSession", "SMTPWire", "QuirkKit", "Rules", "LearnedQuirks", "StandardQuirks", "OpenSSLTLS", "COpenSSL",
                "AdminProtocol", nio, nioPosix, nioEmbedded,
                lifecycle, logging,
            ]),
        tests("CommandLine", ["mailshim", "OddHost", "OpenSSLTLS"]),
        tests("AdminProtocol", ["AdminProtocol"]),
        tests("Peer", ["OddHost", "OpenSSLTLS", nio, nioPosix]),
        tests("OpenSSLTLS", ["OpenSSLTLS", "COpenSSL", nio, nioPosix, nioEmbedded, nioTLS]),
        tests("Architecture", []),
        .testTarget(
            name: "FuzzTests", dependencies: ["Rules", "LearnedQuirks", "StandardQuirks", "QuirkKit", "Transcript"], path: "Tests/Fuzz",
            exclude: ["Driver", "Inputs", "words.dict", "README.md"], swiftSettings: strictButForC),
    ] + plugins.map(plugin),
    cxxLanguageStandard: .cxx17
)

// `ONLY=OpenSSLTLS swift test …` builds one target with its tests and what they need: for the sanitizers, which need a build of their own.
if let only = Context.environment["ONLY"] {
    var needed: Set = [only, "\(only)Tests"]
    var count = 0
    while count != needed.count {
        count = needed.count
        for target in package.targets where needed.contains(target.name) {
            for case .byNameItem(let name, _) in target.dependencies { needed.insert(name) }
        }
    }
    package.targets.removeAll { !needed.contains($0.name) }
    package.products.removeAll()
}

// `FUZZ=1 swift build …` builds what scripts/fuzz runs: one program of the entries that the suite has too, with coverage in all that it fuzzes.
// The laws' worlds are sources of a test target, so no test target is built then.
if Context.environment["FUZZ"] != nil {
    let sanitizers = "fuzzer,address"
    package.targets.removeAll { $0.isTest || ["mailshim", "ProxyServer", "OddHost", "OpenSSLTLS"].contains($0.name) }
    package.products.removeAll()
    for target in package.targets where target.type == .regular {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=\(sanitizers)", "-enable-testing"])]
        target.cxxSettings = target.cxxSettings.map { $0 + [.unsafeFlags(["-fsanitize=fuzzer-no-link,address"])] }
    }
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: ["SMTPWire", "QuirkKit", "SMTPSession", "StandardQuirks", "Transcript", "Rules", "LearnedQuirks", nio], path: "Tests",
            exclude: ["SMTPSessionTests/Laws/LawTests.swift", "SMTPSessionTests/Fuzz/FuzzInputTests.swift"],
            sources: ["Fuzz/Entries", "Fuzz/Driver", "SMTPSessionTests/Fuzz", "SMTPSessionTests/Laws"],
            swiftSettings: [.unsafeFlags(["-sanitize=\(sanitizers)", "-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=\(sanitizers)"])]))
}
