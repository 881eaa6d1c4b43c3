public import QuirkKit

extension RuleSet {
    /// What an `[address."…"]` table says of quirks: for `mailshim learned import`, which puts it into the memory.
    public struct QuirksOfAddress: Hashable, Sendable {
        public let range: AddressRange
        /// Nil: every port.
        public let port: Int?
        /// With complete options.
        public let quirks: [QuirkSetting]
        public let source: Source
    }

    /// All address tables that name quirks, in the order of the file.
    public var addressTables: [QuirksOfAddress] {
        self.addresses.all.map { QuirksOfAddress(range: $0.range, port: $0.rule.port, quirks: $0.rule.quirks, source: $0.rule.source) }
            .filter { !$0.quirks.isEmpty }
            .sorted { $0.source.line < $1.source.line }
    }
}

extension AddressRange {
    /// The address, where it holds only one.
    public var only: IPAddress? { self.prefixLength == self.network.width ? self.network : nil }
}
