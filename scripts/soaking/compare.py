"""Each random session twice on one seed, with real sockets: straight to the host, and through Mailshim (scripts/soak --compare)."""
import asyncio
import collections
import random
import signal
import subprocess

from dialogue import Dialogue, Lost
from host import Host, Visit
from ledger import Ledger
from letters import Letter, stuffed
from routes import Route
from street import listening_anywhere

# From best to worst, for one recipient.
FATES = ["accepted", "deferred", "rejected"]
SHAPES = ["healthy"] * 6 + ["once-503", "once-421", "once-close", "sticky", "recipients-452", "recipients-550", "helo-only", "no-size"]
KEYWORDS = ["PIPELINING", "SIZE 52428800", "8BITMIME", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES"]
# What hosts say for reasons of their own; none of it is to be repaired.
POLICY = {
    "MAIL": ["550 5.7.1 blocked, see https://example.net/", "451 4.7.1 try again later", "553 5.1.8 sender domain does not exist",
             "450 4.7.1 <gateway.test>: cannot find your hostname"],
    "RCPT": ["550 5.1.1 user unknown", "450 4.2.0 greylisted", "452 4.2.2 mailbox full", "554 5.7.1 relay access denied",
             "451 4.3.0 temporary lookup failure", "550 5.7.1 SPF check failed"],
    "DATA": ["554 5.5.1 no valid recipients", "451 4.3.2 try again later"],
    "end": ["554 5.7.1 message content rejected", "452 4.3.1 insufficient system storage", "550 5.7.26 unauthenticated mail",
            "451 4.7.1 spam score too high, try later"],
}


class PolicyVisit(Visit):
    """Whether and how it refuses depends on what it refuses, not on when it is asked."""

    def __init__(self, host, number, reader, writer):
        super().__init__(host, number, reader, writer)
        self.commands = []
        host.visits.append(self.commands)

    def refusal(self, stage, key):
        rng = random.Random(f"{self.host.seed}/{stage}/{key}")
        return rng.choice(POLICY[stage]) if rng.random() < self.host.strictness else None

    async def on_mail(self, rest):
        path = rest[len("FROM:<"):].split(">")[0]
        if self.sender is None and (refusal := self.refusal("MAIL", path)):
            return await self.say(refusal)
        await super().on_mail(rest)

    async def on_rcpt(self, rest):
        refusal = self.refusal("RCPT", rest[len("TO:<"):].split(">")[0])
        if refusal and self.sender is not None:
            return await self.say(refusal)
        await super().on_rcpt(rest)

    async def on_data(self, rest):
        if self.recipients and (refusal := self.refusal("DATA", self.sender)):
            return await self.say(refusal)
        await super().on_data(rest)

    async def take(self, content):
        if refusal := self.refusal("end", self.sender):
            self.clear()
            return await self.say(refusal)
        await super().take(content)

    def heard(self, word, text):
        # What a group says behind a MAIL that was refused asks for nothing: Mailshim, which waits for that reply (law 4), answers it itself.
        if self.sender is not None or word.upper() not in ("RCPT", "DATA", "BDAT"):
            self.commands.append(text)


class PolicyHost(Host):
    def __init__(self, route, ledger, seed):
        super().__init__(route, ledger, seed)
        self.visits = []
        self.strictness = random.Random(f"{seed}/strictness").choice([0, 0, 0.1, 0.3])

    def visit(self, reader, writer):
        return PolicyVisit(self, self.connections, reader, writer)

    def heard(self):
        """What law 6 lets nobody change; how a connection is opened is Mailshim's own affair."""
        own = ("EHLO", "HELO", "QUIT", "RSET")
        visits = [[command for command in visit if not command.upper().startswith(own)] for visit in self.visits]
        return [visit for visit in visits if visit]


class Story:
    """A host and what a gateway has for it, from a seed."""

    def __init__(self, seed):
        rng = random.Random(f"{seed}/story")
        keywords = tuple(word for word in KEYWORDS if rng.random() < 0.75)
        self.seed, self.route = seed, Route(0, f"h{seed}", rng.choice(SHAPES), "none", "off", keywords)
        self.messages, self.style = rng.randint(1, 6), rng.choice(["steps", "group", "bdat", "bdat-group"])
        # Postfix says RSET between messages, Exim and OpenSMTPD do not.
        self.resets = rng.random() < 0.5

    async def played(self, port, ledger, alone=False):
        """Recipients with their fate at the first attempt. Behind a session that ends early the next message begins another, as an MTA has it.

        `alone`: each message on a connection of its own.
        """
        letters = [Letter(self.seed, number, self.route) for number in range(self.messages)]
        fates, talk = {}, None
        for letter in letters:
            fates.update({recipient: "deferred" for recipient in letter.recipients})
            if talk and alone:
                talk.writer.close()
                talk = None
            talk = talk or await self.session(port, ledger)
            if talk is None:
                continue
            try:
                # Each gateway ends a transaction that it leaves open.
                if await self.deliver(talk, letter, fates) or self.resets:
                    talk.say(b"RSET\r\n")
                    await talk.hear(codes="2")
            except (Lost, OSError):
                talk.writer.close()
                talk = None
        if talk:
            talk.say(b"QUIT\r\n")
            talk.writer.close()
        return fates

    async def session(self, port, ledger):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        except OSError:
            return None
        talk = Dialogue(reader, writer, ledger, self.route.name)
        try:
            return talk if await talk.greeted("off") else None
        except (Lost, OSError):
            return None

    async def deliver(self, talk, letter, fates):
        """Whether it leaves a transaction open."""
        sender = letter.sender or f"s{letter.number}@gateway.test"
        content = letter.content(0)
        chunked = self.style.startswith("bdat") and "CHUNKING" in talk.keywords
        commands = [f"MAIL FROM:<{sender}>" + (f" SIZE={len(content)}" if "SIZE" in talk.keywords else "")]
        commands += [f"RCPT TO:<{path}>" for path in letter.recipients] + ([] if chunked else ["DATA"])
        grouped = self.style.endswith("group") and "PIPELINING" in talk.keywords
        if grouped:
            talk.say("".join(command + "\r\n" for command in commands).encode())
        accepted, mail, code = [], None, ""
        for command in commands:
            if not grouped:
                if mail and mail[0] != "2" or command == "DATA" and not accepted:
                    break
                talk.say(command.encode() + b"\r\n")
            code = await talk.hear(codes="2345")
            if command.startswith("MAIL"):
                mail = code
                if code[0] == "5":
                    fates.update({recipient: "rejected" for recipient in letter.recipients})
            elif command.startswith("RCPT") and mail[0] == "2":
                recipient = command[len("RCPT TO:<"):-1]
                if code[0] == "2":
                    accepted.append(recipient)
                elif code[0] == "5":
                    fates[recipient] = "rejected"
        if chunked and accepted:
            talk.say(b"BDAT %d LAST\r\n" % len(content) + content)
        elif not chunked and code == "354":
            talk.say(stuffed(content) if accepted else b".\r\n")
        else:
            return mail[0] == "2"
        code = await talk.hear(codes="245")
        fates.update({recipient: {"2": "accepted", "5": "rejected"}.get(code[0], "deferred") for recipient in accepted})
        return False


async def serve(host):
    """Its port."""
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0, limit=1 << 21)
    return server, server.sockets[0].getsockname()[1]


def complaints(story, direct, alone, through, hosts):
    for recipient, fate in direct.items():
        # Who is refused for good on a connection of his own has the host's own word: without Mailshim it comes with the next attempt.
        if FATES.index(through[recipient]) > max(FATES.index(fate), FATES.index(alone[recipient])):
            yield f"{recipient} is {through[recipient]}, and {fate} without Mailshim"
    counts = [collections.Counter((taken.token, recipient) for taken in host.ledger.taken for recipient in taken.recipients) for host in hosts]
    for key, count in counts[1].items():
        if count > 1 and count > counts[0][key]:
            yield f"{key} arrived {count} times, {counts[0][key]} times without Mailshim"
    letters = [Letter(story.seed, number, story.route) for number in range(story.messages)]
    for taken in hosts[1].ledger.taken:
        letter = letters[int(taken.token.split(".")[0])]
        own = taken.sender == (letter.sender or f"s{letter.number}@gateway.test") and set(taken.recipients) <= set(letter.recipients)
        if not own or taken.content != letter.content(0):
            yield f"message {taken.token} arrived as another"
    if story.route.shape == "healthy" and hosts[0].heard() != hosts[1].heard():
        yield f"a healthy host heard {hosts[1].heard()}, and {hosts[0].heard()} without Mailshim"
    for kind, text in hosts[1].ledger.remarks:
        yield f"{kind}: {text}"


class Comparison:
    """Many stories side by side, through one Mailshim with a listener for each."""

    def __init__(self, binary, folder, seed, count, plant):
        self.binary, self.folder, self.seeds, self.plant = binary, folder, [f"{seed}/{number}" for number in range(count)], plant
        self.found, self.better, self.same = 0, 0, 0
        self.shapes = collections.Counter()

    async def all(self):
        for start in range(0, len(self.seeds), 50):
            await self.some([Story(seed) for seed in self.seeds[start:start + 50]], self.folder / f"{start}")
        print(f"{len(self.seeds)} sessions twice: {self.better} recipients fared better with Mailshim, {self.same} the same, worse in {self.found} sessions")
        print("hosts: " + ", ".join(f"{count} {shape}" for shape, count in sorted(self.shapes.items())))
        return 1 if self.found else 0

    async def some(self, stories, folder):
        folder.mkdir()
        hosts = [[PolicyHost(story.route, Ledger(), story.seed) for _ in range(3)] for story in stories]
        served = [[await serve(host) for host in three] for three in hosts]
        doors = []
        for _ in stories:
            with listening_anywhere(4, "127.0.0.1") as port:
                doors.append(port)
        process = await self.mailshim(folder, doors, [three[1][1] for three in served])
        try:
            played = zip(stories, hosts, served, doors)
            await asyncio.gather(*(self.compare(story, three, ports[0][1], ports[2][1], door) for story, three, ports, door in played))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            for three in served:
                for server, _ in three:
                    server.close()

    async def mailshim(self, folder, doors, ports):
        lines = ['hostname = "soak.test"', 'state = "memory"', "[admin]", 'socket = "off"']
        for n, (door, port) in enumerate(zip(doors, ports)):
            lines += ["[[listener]]", f'name = "l{n}"', f'bind = "127.0.0.1:{door}"', f'destination = "127.0.0.1:{port}"']
        config, log = folder / "mailshim.toml", folder / "mailshim.log"
        config.write_text("\n".join(lines) + "\n")
        with open(log, "wb") as output:
            process = subprocess.Popen([self.binary, "serve", "--config", config], stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        for _ in range(1000):
            if log.read_bytes().count(b"event=listening") == len(doors):
                return process
            if process.poll() is not None:
                break
            await asyncio.sleep(0.02)
        process.kill()
        raise SystemExit(f"scripts/soak itself: Mailshim does not listen\n{log.read_text()[-2000:]}")

    async def compare(self, story, hosts, port, another, door):
        direct = await story.played(port, hosts[0].ledger)
        alone = await story.played(another, hosts[2].ledger, alone=True)
        through = await story.played(door, hosts[1].ledger)
        if self.plant:
            self.planted(hosts[1], through)
        # What is written down behind the last reply.
        await asyncio.sleep(0.2)
        ranks = [(FATES.index(through[recipient]), FATES.index(fate)) for recipient, fate in direct.items()]
        self.better += sum(with_ < without for with_, without in ranks)
        self.same += sum(with_ == without for with_, without in ranks)
        self.shapes[story.route.shape] += 1
        found = list(complaints(story, direct, alone, through, hosts))
        if found:
            self.found += 1
            print(f"WORSE: seed {story.seed}, {story.route.shape}, {story.style}, {' '.join(story.route.keywords)}")
            for text in found[:5]:
                print(f"    {text}")

    @staticmethod
    def planted(host, fates):
        """For --plant: what a faulty Mailshim would have done."""
        if host.ledger.taken:
            host.ledger.taken.append(host.ledger.taken[-1])
        else:
            fates.update({recipient: "rejected" for recipient in fates})
