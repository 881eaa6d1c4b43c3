import BrokenSTARTTLS
import Concurrency
import DataNotBDAT
import FinalBlankLine
import FoldLongLines
import HeloName
import HeloOnly
import HideExtension
import LegacyTLS
import MessageLimit
import NullSender
import OneLineReplies
import OneCommandAtATime
import OneDomain
import Pix
import PlainParameters
public import QuirkKit
import RSETIntolerant
import RecipientLimit
import ReplyRewrite
import SlowStarter
import SoftGreeting
import StickySender
import StrictSyntax

/// Every quirk that Mailshim knows, in the order in which they are asked: what costs a remote least comes first.
public enum StandardQuirks {
    public static let catalogue: [any Quirk] = [
        Pix(),
        Concurrency(),
        // At the same connection first, then at a new one.
        StrictSyntax(),
        PlainParameters(),
        NullSender(),
        StickySender(),
        RSETIntolerant(),
        MessageLimit(),
        OneDomain(),
        RecipientLimit(),
        ReplyRewrite(),
        SlowStarter(),
        SoftGreeting(),
        OneLineReplies(),
        FoldLongLines(),
        FinalBlankLine(),
        HeloName(),
        // What can only hold from the next message on.
        DataNotBDAT(),
        OneCommandAtATime(),
        HideExtension(),
        HeloOnly(),
        // Behind one another: each is a step down, and takes over where the one before is ignored.
        LegacyTLS(),
        BrokenSTARTTLS(),
    ]

    /// What `mailshim quirks` prints and the config is checked against.
    public static var descriptions: [QuirkDescription] { self.catalogue.map { $0.description } }
}
