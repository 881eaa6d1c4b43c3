import Foundation
import Synchronization

private final class Bound: Sendable { let descriptor = Mutex<Int32>(-1) }

/// Ports of this machine.
enum Ports {
    /// A port that was free a moment ago.
    static func free() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0 }
        }
        guard bound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    /// A socket bound in a network namespace of that name (`ip netns`); such a socket stays there, whoever uses it.
    static func bound(_ address: String, _ port: Int, in namespace: String) throws -> CInt {
        // setns changes the calling thread, so that thread must be one that nobody uses again.
        // Glibc's module hides setns, a GNU extension.
        guard let symbol = dlsym(nil, "setns") else { throw POSIXError(.ENOSYS) }
        let enter = unsafeBitCast(symbol, to: (@convention(c) (CInt, CInt) -> CInt).self)
        let result = Bound()
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            defer { done.signal() }
            let handle = open("/run/netns/\(namespace)", O_RDONLY | O_CLOEXEC)
            guard handle >= 0, enter(handle, 0) == 0 else { return }
            close(handle)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = in_port_t(port).bigEndian
            inet_pton(AF_INET, address, &name.sin_addr)
            let bound = withUnsafePointer(to: name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
            if bound == 0 { result.descriptor.withLock { $0 = descriptor } } else { close(descriptor) }
        }
        thread.start()
        done.wait()
        let descriptor = result.descriptor.withLock { $0 }
        guard descriptor >= 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        return descriptor
    }

    /// Whether something listens on the port in that process's network namespace. (A connection would be counted by the host.)
    static func listens(_ port: Int, _ process: Int32) -> Bool {
        let wanted = ":" + String(port, radix: 16, uppercase: true).leftPadded(to: 4)
        return ["tcp", "tcp6"].contains { table in
            let text = Self.whole("/proc/\(process)/net/\(table)")
            return text.split(separator: "\n").contains { line in
                let words = line.split(separator: " ")
                return words.count > 3 && words[1].hasSuffix(wanted) && words[3] == "0A"
            }
        }
    }

    /// A file of /proc to its end. (Foundation takes the first short read for the end of it.)
    private static func whole(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes.append(contentsOf: buffer[..<count]) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    fileprivate func leftPadded(to length: Int) -> String { String(repeating: "0", count: max(0, length - self.count)) + self }
}
