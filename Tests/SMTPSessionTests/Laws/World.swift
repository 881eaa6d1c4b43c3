import NIOCore
import QuirkKit
import SMTPSession
import SMTPWire

/// One session from a seed: a gateway, hosts, and the shell between them and the engine. Time is an argument.
///
/// Whatever happens next is drawn at random from what may happen: octets of either side arrive in random pieces, a connection comes about, time passes.
final class World {
    let scenario: Scenario
    var dice: Dice
    var codec: SessionCodec
    /// Any moment will do: the engine only knows differences.
    var now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    /// Counts what happens; orders it.
    var step = 0

    var gateway: GatewayLeg
    var remotes: [RemoteLeg] = []
    /// The connection to the remote that stands, or that the engine has not been told the end of.
    var current: Int?
    var isDialling = false
    var dials = 0
    var isRouting = false
    /// What is to be written once all before it has left.
    var held: [UInt8]?
    /// What the shell answers by itself, once the actions before are carried out.
    var answers: [Event] = []
    var profile: Profile

    /// What the rules demand of the remote (law 7).
    var rule = TLSDemand(.opportunistic)
    /// The connection that carried mail or credentials last, or that the gateway was shown the keywords of.
    var floor: (index: Int, security: Security?)?
    var hasShown = false
    var offered = KeywordList()
    var shown = KeywordList()
    /// The gateway's first behind its STARTTLS: every other is answered from memory.
    var helloOverTLS: SpokenLine?
    /// When the first STARTTLS was written.
    var beganTLS: NIODeadline?
    var tally: [Happening: Int] = [:]

    var faults: [Fault] = []
    var records: [Record] = []
    var notes: [Note] = []
    var isRelaying = false
    var wasStopped = false
    var wasReset = false
    /// Where replies of hosts come from, by their mark.
    var sources: [String: ReplySource] = [:]
    /// What happened, for people; only where it is wanted.
    var tale: [String]?

    static let mostSteps = 20_000

    convenience init(_ theme: Scenario.Theme, seed: UInt64, isTold: Bool = false) { self.init(theme, Dice(seed: seed), isTold: isTold) }

    init(_ theme: Scenario.Theme, _ dice: Dice, catalogue: [any Quirk]? = nil, isTold: Bool = false) {
        var dice = dice
        var scenario = Scenario(theme, &dice)
        if let catalogue { scenario.catalogue = catalogue }
        self.scenario = scenario
        self.dice = dice
        self.codec = SessionCodec(Session(settings: self.scenario.settings, catalogue: self.scenario.catalogue))
        self.gateway = GatewayLeg(plan: self.scenario.plan)
        self.profile = self.scenario.isRouted ? Profile() : self.scenario.profile
        self.tale = isTold ? [] : nil
    }

    /// Plays the session to its end; what laws were broken.
    func play() -> [Fault] {
        if self.scenario.terms.isEncrypted { self.gateway.tls = .stands(Security(version: "TLSv1.3", cipher: "X")) }
        self.answers.append(.profile(self.profile))
        self.tell(.opened(Opening(remote: self.scenario.isRouted ? nil : "192.0.2.1:25", gateway: self.scenario.terms)))
        while self.step < Self.mostSteps, self.faults.isEmpty, !self.isRelaying, !self.isFinished { self.move() }
        if self.step >= Self.mostSteps { self.blame(9, "the session does not come to an end") }
        if !self.isRelaying { self.judge() }
        return self.faults
    }

    /// Both sides are gone, and the session knows.
    var isFinished: Bool { self.gateway.isGone && self.current == nil && !self.isDialling }

    func blame(_ law: Int, _ text: @autoclosure () -> String) {
        guard self.faults.count < 5 else { return }
        let fault = Fault(law: law, text: text())
        self.faults.append(fault)
        self.tale?.append("*** law \(law): \(fault.text)")
    }

    func note(_ line: @autoclosure () -> String) {
        guard self.tale != nil else { return }
        self.tale?.append("\(self.step) \(line())")
    }

    /// One event, and all that comes of it.
    func tell(_ event: Event) {
        self.step += 1
        self.note("  event \(event)")
        self.carryOut(self.codec.receive(event, at: self.now))
        self.drive()
    }

    /// Until the session has nothing more to do.
    func drive() {
        for _ in 0..<100_000 {
            if !self.answers.isEmpty {
                let answer = self.answers.removeFirst()
                if case .profile(let profile) = answer { self.learnRule(profile) }
                self.carryOut(self.codec.receive(answer, at: self.now))
            } else if !self.isRelaying, let actions = self.codec.next(at: self.now) {
                self.carryOut(actions)
            } else {
                return self.checkBounds()
            }
        }
        self.blame(9, "`next` has no end")
    }
}
