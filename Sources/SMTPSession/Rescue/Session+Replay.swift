import NIOCore
import QuirkKit
import SMTPWire

/// The envelope, sent again on a connection that can take it (laws 4 and 5).
extension Session {
    /// Sends the envelope, or the next of it: what was accepted or not yet answered, never refused recipients (law 5).
    mutating func replay() {
        // The envelope itself is not held on to: it would be copied at each of its replies.
        guard let count = self.transaction?.envelope.count else { return }
        var next = if case .replaying(let next) = self.rescue?.stage { next } else { 0 }
        let mailIsRefused = self.transaction?.mail == .refused
        while next < count, self.remote.connection.mayTakeMore {
            if let entry = self.transaction?.envelope[next], entry.state == .unsent {
                if let refusal = mailIsRefused ? self.unrepaired("MAIL was refused") : self.refusalHere(of: entry, at: next) {
                    // Behind the answers to what was said before it (law 3).
                    guard self.remote.connection.flight.isEmpty else { break }
                    // What the gateway has heard accepted cannot be left out any more (law 5).
                    if entry.told, !mailIsRefused {
                        let told = refusal.isTransient ? refusal : self.unrepaired(refusal.line)
                        return self.giveUp(told, because: "a recipient is not taken any more")
                    }
                    self.refuseUnsent(next, refusal)
                } else {
                    guard let command = self.wording(of: entry.command) else {
                        return self.giveUp(self.cannotExpress(entry.command.text), because: "it lacks a keyword")
                    }
                    self.transaction?.envelope[next].state = .sent
                    self.noteRewordings(of: entry.command)
                    self.send(command, .envelope(next), isAlone: next == 0 && self.remote.connection.mustSendMailAlone)
                }
            }
            next += 1
        }
        if next == 1, count == 1, let repair = self.rescue, repair.cause == nil {
            // Nothing is sent again: the rest of the gateway's group may follow at once.
            return self.rescue = nil
        }
        self.rescue?.stage = .replaying(next: next)
        if next == count, self.remote.connection.flight.isEmpty { self.replayed() }
    }

    /// What a recipient hears that may not be said on this connection.
    private func refusalHere(of entry: Envelope.Entry, at place: Int) -> Reply? {
        guard place > 0 else { return nil }
        return self.loopRefusal(of: entry) ?? (self.hasAllRecipients ? self.tooManyRecipientsHere : nil)
    }

    private mutating func refuseUnsent(_ place: Int, _ answer: Reply) {
        self.transaction?.envelope[place].state = .refused
        self.tell(answer, toEntry: place)
    }

    private mutating func replayed() {
        guard let repair = exchange(&self.rescue, with: nil) else { return }
        guard let cause = repair.cause, self.transaction?.mail == .accepted else { return }
        if let place = cause.entry, self.transaction?.envelope[place].state != .accepted, !self.hasAllRecipients {
            return self.conclude(repair, outcome: "refused")
        }
        self.conclude(repair, outcome: "ok")
        if cause.entry == nil { self.transaction?.unproven = cause } else { self.proved(cause) }
    }

    /// The command that had failed was accepted now: what the repair found out is true.
    mutating func proved(_ cause: Cause) {
        guard let finding = cause.finding else { return }
        self.proved(finding.counting.eachSenderOnce ? finding.with(sender: self.transaction?.sender) : finding)
    }

    mutating func proved(_ finding: Finding) {
        self.note(.found(finding))
        if finding.counting.isConclusive { self.prove(finding) }
    }

    mutating func conclude(_ repair: Rescue, outcome: String) {
        guard let cause = repair.cause else { return }
        let isReset = cause.quirk.map { self.remote.layers.resetsBeforeMail($0) } ?? true
        let action = self.transaction?.wasReconnected == true ? "reconnect" : isReset ? "reset" : "again"
        self.log(
            .repair(
                .init(
                    quirk: cause.quirk ?? "none", connection: self.remote.connection.number, sent: cause.command?.text ?? "",
                    reply: cause.answer.words, action: action, outcome: outcome, because: cause.because, took: self.now - repair.began)))
        if outcome == "ok" { self.transaction?.save(from: cause.answer) }
    }

    /// Law 5: a reply that the gateway has not heard is the remote's verdict, except 503 and refusals of the connection or its rate. So it is in repairs, and
    /// on a connection that the gateway never asked for, until that has taken a message.
    mutating func verdict(of reply: Reply) -> Reply {
        guard self.rescue != nil || self.remote.connection.isNewForThis else { return reply }
        if reply.code == 503 { self.remote.connection.isDistrusted = true }
        return self.softened(reply)
    }

    /// Told is the answer to what was said again, unless it speaks of order or syntax: then the first, which was about what the gateway said.
    func firstWord(on place: Int, now reply: Reply) -> Reply {
        // What the host says of another sender is no verdict on the gateway's.
        if place == 0, reply.isPermanent, let first = self.transaction?.nullSenderRefusal { return first }
        guard let cause = self.rescue?.cause, cause.entry == place, cause.diagnosis?.retry == .here, case .reply(let first) = cause.answer,
            [500, 501, 503, 504, 555].contains(reply.code)
        else { return reply }
        return first
    }

    /// A repair that ended in a like refusal is not tried again at this host for an hour.
    mutating func noteFailure(on place: Int, now reply: Reply) {
        guard let cause = self.rescue?.cause, let quirk = cause.quirk, cause.entry == place, case .reply(let first) = cause.answer,
            first.code == reply.code
        else { return }
        self.bar(quirk)
    }

    func softened(_ reply: Reply) -> Reply {
        let isOurs = !reply.isAboutMailbox && (reply.code == 503 || reply.code == 421 || reply.refusesConnection)
        return isOurs ? self.unrepaired(reply.line) : reply
    }

    /// The repair did not work: all that waits hears a 4xx, and so does what is left of the transaction.
    mutating func giveUp(_ answer: Reply, because: String) {
        guard let repair = exchange(&self.rescue, with: nil) else { return }
        if repair.cause != nil { self.conclude(repair, outcome: because) } else { self.log(.connectFailed(because: because, told: answer.line)) }
        if self.remote.connection.state == .ready { self.retire() }
        let untold = self.transaction?.envelope.indices.filter { self.transaction?.envelope[$0].told == false } ?? []
        let isAtBoundary = untold.first == 0
        if answer.code == 421, isAtBoundary {
            self.waiting = nil
            self.tell(answer)
            return self.finish(because: because, by: .remote)
        }
        let answer = answer.code == 421 ? self.unrepaired(because) : answer
        for place in untold {
            self.transaction?.envelope[place].state = .refused
            self.tell(answer, toEntry: place)
        }
        self.failTransaction(answer)
        self.transaction?.refusal = answer
        if isAtBoundary { self.transaction?.envelope[0].state = .refused }
    }
}
