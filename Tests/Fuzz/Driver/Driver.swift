import Glibc

/// What is fuzzed, by name.
private let entries: [String: @Sendable ([UInt8]) -> String?] = [
    "commands": FuzzEntries.commands, "content": FuzzEntries.content, "replies": FuzzEntries.replies,
    "sessions": FuzzEntries.sessions,
    "worlds": FuzzEntries.worlds, "transcripts": FuzzEntries.transcripts, "config": FileEntries.config,
    "learned": FileEntries.learned,
]

nonisolated(unsafe) private var entry: @Sendable ([UInt8]) -> String? = FuzzEntries.commands

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ octets: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    if let fault = entry(Array(UnsafeBufferPointer(start: octets, count: count))) {
        complain("\n\(fault)\n")
        abort()
    }
    return 0
}

/// SwiftPM links an executable whose entry is `<module>_main`, so libFuzzer's own `main` is not the one: hand over to
/// its driver.
/// The first argument is what is fuzzed, the others are libFuzzer's.
@_cdecl("Fuzz_main")
public func start(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    guard count > 1, let arguments, let name = arguments[1].map({ String(cString: $0) }), let chosen = entries[name]
    else {
        complain("Fuzz: one of \(entries.keys.sorted().joined(separator: ", ")), then what libFuzzer takes\n")
        return 64
    }
    entry = chosen
    arguments[1] = arguments[0]
    var (left, rest): (CInt, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) = (count - 1, arguments + 1)
    return driver(&left, &rest, fuzz)
}

private func complain(_ text: String) {
    let octets = Array(text.utf8)
    _ = write(STDERR_FILENO, octets, octets.count)
}

@_silgen_name("LLVMFuzzerRunDriver")
private func driver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
