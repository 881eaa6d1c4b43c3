import Glibc
import NIOCore
import Testing

@testable import OpenSSLTLS

/// Each in a process of its own, for the other tests come and go in this one.
@Suite struct MemoryTests {
    /// In KB; what the kernel has given us.
    private static var resident: Int {
        let descriptor = open("/proc/self/statm", O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = max(0, read(descriptor, &bytes, bytes.count))
        let words = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ")
        return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * 4
    }

    /// The address sanitizer keeps what was freed for a while; it has its own way to find leaks.
    private static var isSanitized: Bool { dlsym(nil, "__asan_init") != nil }

    private static func talk(_ client: TLSClientContext, _ server: TLSServerContext, _ cache: TLSSessionCache, _ count: Int, octets: Int) throws
        -> MemoryPair
    {
        // Full, resumed, and one that is broken off.
        let name = count % 3 == 0 ? nil : Certificates.name
        let pair = try MemoryPair(
            TLSHandler(client: client, name: name, sessions: cache.place(address: "192.0.2.\(count % 200):25", setting: "")),
            TLSHandler(server: server))
        pair.client.recorder.isForgetful = true
        pair.server.recorder.isForgetful = true
        pair.client.channel.writeAndFlush(ByteBuffer(repeating: 65, count: octets), promise: nil)
        pair.server.channel.writeAndFlush(ByteBuffer(repeating: 65, count: octets), promise: nil)
        pair.pump(limit: count % 5 == 4 ? count % 2000 : .max)
        return pair
    }

    @Test func aThousandConnectionsLeaveNothing() async {
        await #expect(processExitsWith: .success) {
            let (client, server, cache) = try (TLSClientContext.testing(), TLSServerContext.testing(), TLSSessionCache(limit: 50))
            for count in 0..<500 { try Self.talk(client, server, cache, count, octets: 3000).close() }
            let before = Self.resident
            for count in 0..<1000 { try Self.talk(client, server, cache, count, octets: 3000).close() }
            let grown = Self.resident - before
            #expect(grown < 1000 || Self.isSanitized, "grown by \(grown) KB")
        }
    }

    /// What a connection keeps at rest, after it has carried 200 KB each way, with the channel and all.
    @Test func aConnectionAtRestIsSmall() async {
        await #expect(processExitsWith: .success) {
            let (client, server, cache) = try (TLSClientContext.testing(), TLSServerContext.testing(), TLSSessionCache(limit: 50))
            for count in 0..<100 { try Self.talk(client, server, cache, 5 * count, octets: 200_000).close() }
            let before = Self.resident
            var pairs: [MemoryPair] = []
            for count in 0..<500 { pairs.append(try Self.talk(client, server, cache, 5 * count, octets: 200_000)) }
            let each = (Self.resident - before) / (2 * pairs.count)
            print("KB at rest:", each)
            #expect(each < 25 || Self.isSanitized, "\(each) KB")
            for pair in pairs { pair.close() }
        }
    }
}
