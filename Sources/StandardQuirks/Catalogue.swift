import BrokenSTARTTLS
import LegacyTLS
import MessageLimit
public import QuirkKit
import StickySender

/// Every quirk that Mailshim knows, in the order in which they are asked: what costs a remote least comes first.
public enum StandardQuirks {
    public static let catalogue: [any Quirk] = [
        StickySender(),
        MessageLimit(),
        // Behind one another: each is a step down, and takes over where the one before is ignored.
        LegacyTLS(),
        BrokenSTARTTLS(),
    ]

    /// What `mailshim quirks` prints and the config is checked against.
    public static var descriptions: [QuirkDescription] { self.catalogue.map { $0.description } }
}
