"""Over TLS on the remote leg: the gateway speaks in clear text, the host is smtp-sink (or the odd host) behind a stunnel of its own that speaks TLS for it.
Messages of 10 MB go to the odd host in its healthy shape: smtp-sink takes four times the CPU of what is measured, and hides it.

Between them stands stunnel as a client, which knows nothing of SMTP, or Mailshim. TLS from the first byte, since stunnel waits 200 ms before a STARTTLS.
Both resume where the host lets them.
"""
import sys

from figures import Figures
from load import Load, in_turn, memory_per_session
from servers import certificate, free_port, mailshim, odd_host, smtp_sink, stunnel


def measure(folder, rounds, scale):
    single, founding = Load(round(2000 * scale), reuse=False), Load(round(2000 * scale))
    large = Load(max(4, round(100 * scale)), size=10 << 20, sessions=4)
    pem = certificate(folder)
    backs = [free_port() for _ in range(3)]
    sink, odd, healthy = smtp_sink(folder, backs[0]), odd_host(folder, backs[1]), odd_host(folder, backs[2], "healthy")
    server = [f"cert = {pem}"]
    kinds = {"full": ["sessionResume = no", "options = NO_TICKET"], "resumed": []}
    # The ports of the sink, of the odd host, and of the healthy one: they resume or not.
    hosts = {kind: [free_port() for _ in backs] for kind in kinds}
    host = stunnel(folder, {port: (to, server + kinds[kind]) for kind, fronts in hosts.items() for port, to in zip(fronts, backs)})
    ports = {name: {kind: [free_port() for _ in backs] for kind in kinds} for name in ("stunnel", "mailshim")}
    routes = {name: {p: to for kind in kinds for p, to in zip(ports[name][kind], hosts[kind])} for name in ports}
    client = ["client = yes"]
    proxies = {
        "stunnel": stunnel(folder, {port: (to, client) for port, to in routes["stunnel"].items()}),
        "mailshim": mailshim(folder, routes["mailshim"], tls="implicit"),
    }
    figures = Figures({"stunnel": "stunnel"}, peer="stunnel")
    for name in proxies:
        for kind in kinds:
            Load(100, reuse=False).send(ports[name][kind][0])
            Load(8, size=large.size, sessions=large.sessions).send(ports[name][kind][2])
    for kind in kinds:
        Load(40).send(ports["mailshim"][kind][1])
    for number in range(rounds):
        for name, proxy in proxies.items():
            print(f"round {number + 1} of {rounds}, TLS: {name}", file=sys.stderr)
            for kind in kinds:
                port, odd_side, _ = ports[name][kind]
                rate, cpu = single.measure(port, proxy)
                figures.note(f"handshakes/s, {kind}", name, rate)
                figures.note(f"CPU per session, {kind}, µs", name, cpu * 1e6)
                load = founding if name == "mailshim" else Load(founding.messages, reuse=False)
                figures.note(f"founding case, {kind}: messages/s", name, load.measure(odd_side, proxy)[0])
        for name, proxy in in_turn(proxies, f"round {number + 1} of {rounds}, TLS: 10 MB messages"):
            rate, cpu = large.measure(ports[name]["resumed"][2], proxy)
            figures.note("10 MB messages: MB/s", name, rate * large.size / 1e6)
            figures.note("10 MB messages: CPU per message, ms", name, cpu * 1e3)
    for number in range(1 if scale < 1 else 3):
        print("memory, TLS on both legs: mailshim", file=sys.stderr)
        port = free_port()
        proxy = mailshim(folder, {port: hosts["resumed"][0]}, tls="implicit")
        kilobytes = memory_per_session(proxy, port, round(500 * min(1, scale * 2)), encrypts=True)
        figures.note("memory per idle session, both legs encrypted, KB", "mailshim", kilobytes)
        proxy.stop()
    for server in [*proxies.values(), host, sink, odd, healthy]:
        server.stop()
    expected = 80 + rounds * 4 * founding.messages
    if f"{expected} messages on" not in odd.log.read_text():
        sys.exit(f"the host of the founding case should have got {expected} messages: {odd.log.read_text()}")
    return figures
