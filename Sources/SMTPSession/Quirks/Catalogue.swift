import QuirkKit

/// The quirks that a session knows, in the order in which they are asked: what costs a remote least comes first.
struct Catalogue: Sendable {
    private let quirks: [any Quirk]
    /// What any of them wants to be asked about: what nobody watches is not even put into words.
    let watches: Watches

    init(_ quirks: [any Quirk]) {
        self.quirks = quirks
        self.watches = quirks.reduce(into: .none) { $0.formUnion($1.watches) }
    }

    /// The quirk of this name.
    subscript(name: String) -> (any Quirk)? { self.quirks.first { $0.name == name } }

    /// What a quirk with these options changes; nothing, where it is not known.
    func workarounds(of setting: QuirkSetting) -> Workarounds { self[setting.name]?.workarounds(of: setting) ?? Workarounds() }
}

extension Catalogue: Sequence {
    func makeIterator() -> IndexingIterator<[any Quirk]> { self.quirks.makeIterator() }
}
