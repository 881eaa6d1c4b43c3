import BrokenSTARTTLS
import FinalBlankLine
import FoldLongLines
import HeloName
import HeloOnly
import HideExtension
import LegacyTLS
import MessageLimit
import NullSender
import OneLineReplies
import Pix
import PlainParameters
public import QuirkKit
import RecipientLimit
import SoftGreeting
import StickySender
import StrictSyntax

/// Every quirk that Mailshim knows, in the order in which they are asked: what costs a remote least comes first.
public enum StandardQuirks {
    public static let catalogue: [any Quirk] = [
        Pix(),
        // At the same connection first, then at a new one.
        StrictSyntax(),
        PlainParameters(),
        HideExtension(),
        NullSender(),
        StickySender(),
        MessageLimit(),
        RecipientLimit(),
        SoftGreeting(),
        OneLineReplies(),
        FoldLongLines(),
        FinalBlankLine(),
        HeloName(),
        HeloOnly(),
        // Behind one another: each is a step down, and takes over where the one before is ignored.
        LegacyTLS(),
        BrokenSTARTTLS(),
    ]

    /// What `mailshim quirks` prints and the config is checked against.
    public static var descriptions: [QuirkDescription] { self.catalogue.map { $0.description } }
}
