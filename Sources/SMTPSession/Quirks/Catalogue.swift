public import QuirkKit

/// The quirks that a session knows, in the order in which they are asked: what costs a remote least comes first.
///
/// One for all sessions: what is asked of each quirk alike is asked here, once.
public final class Catalogue: Sendable {
    let quirks: [any Quirk]
    /// Theirs: a quirk's own is in its description, which would be copied for it.
    let names: [String]
    /// What any of them wants to be asked about: what nobody watches is not even put into words.
    let watches: Watches

    public init(_ quirks: [any Quirk]) {
        self.quirks = quirks
        self.names = quirks.map { $0.name }
        self.watches = quirks.reduce(into: .none) { $0.formUnion($1.watches) }
    }

    /// The quirk of this name.
    public subscript(name: String) -> (any Quirk)? { self.names.firstIndex(of: name).map { self.quirks[$0] } }

    /// What a quirk with these options changes; nothing, where it is not known.
    public func workarounds(of setting: QuirkSetting) -> Workarounds { self[setting.name]?.workarounds(of: setting) ?? Workarounds() }
}

