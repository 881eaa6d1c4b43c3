/// Tables by address, found in as many steps as there are different prefix lengths.
struct AddressTable: Hashable, Sendable {
    private var rules: [AddressRange: [Rule]] = [:]
    /// The prefix lengths in use, longest first.
    private var lengths: [IPAddress.Family: [Int]] = [:]

    var isEmpty: Bool { self.rules.isEmpty }

    /// Every table with its range, in no order.
    var all: [(range: AddressRange, rule: Rule)] { self.rules.flatMap { range, rules in rules.map { (range, $0) } } }

    /// The table for this very range and port, if there is one.
    func twin(of range: AddressRange, port: Int?) -> Rule? { self.rules[range]?.first { $0.port == port } }

    mutating func insert(_ rule: Rule, for range: AddressRange) {
        self.rules[range, default: []].append(rule)
        self.rules[range]?.sort { $0.port != nil && $1.port == nil }
        let lengths = Set(self.lengths[range.network.family] ?? []).union([range.prefixLength])
        self.lengths[range.network.family] = lengths.sorted(by: >)
    }

    /// The most specific first.
    func matches(_ address: IPAddress, port: Int?) -> [Rule] {
        (self.lengths[address.family] ?? []).flatMap { length in
            (self.rules[AddressRange(address, prefixLength: length)] ?? []).filter { $0.port == nil || $0.port == port }
        }
    }
}
