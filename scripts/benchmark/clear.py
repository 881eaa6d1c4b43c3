"""In clear text: smtp-source to smtp-sink directly, through HAProxy in TCP mode, and through Mailshim."""
import sys
import time

from figures import Figures
from load import Load, in_turn, memory_per_session
from servers import free_port, haproxy, mailshim, odd_host, smtp_sink


def measure(folder, rounds, scale):
    reuse, single = Load(round(20000 * scale)), Load(round(6000 * scale), reuse=False)
    large = Load(max(4, round(40 * scale)), size=10 << 20, sessions=4)
    founding, founding_single = Load(round(5000 * scale)), Load(round(5000 * scale), reuse=False)
    ports = {name: (free_port(), free_port()) for name in ("direct", "haproxy", "mailshim")}
    sink_port, odd_port = ports["direct"]
    sink, odd = smtp_sink(folder, sink_port), odd_host(folder, odd_port)
    proxies = {
        "direct": None,
        "haproxy": haproxy(folder, dict(zip(ports["haproxy"], ports["direct"]))),
        "mailshim": mailshim(folder, dict(zip(ports["mailshim"], ports["direct"]))),
    }
    figures = Figures({"direct": "direct", "haproxy": "HAProxy (TCP)"}, peer="haproxy")

    # So that nothing is measured cold, and the quirk is known.
    for name in proxies:
        Load(400).send(ports[name][0])
    Load(40).send(ports["mailshim"][1])
    for number in range(rounds):
        for name, proxy in in_turn(proxies, f"round {number + 1} of {rounds}: re-use"):
            rate, cpu = reuse.measure(ports[name][0], proxy)
            figures.note("re-use: messages/s", name, rate)
            figures.note("re-use: CPU per message, µs", name, cpu and cpu * 1e6)
        for name, proxy in proxies.items():
            print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr)
            port, odd_side = ports[name]
            rate, cpu = single.measure(port, proxy)
            figures.note("no re-use: messages/s", name, rate)
            figures.note("no re-use: CPU per message, µs", name, cpu and cpu * 1e6)
            rate, cpu = large.measure(port, proxy)
            figures.note("10 MB messages: MB/s", name, rate * large.size / 1e6)
            figures.note("10 MB messages: CPU per message, ms", name, cpu and cpu * 1e3)
            rate, cpu = (founding if name == "mailshim" else founding_single).measure(odd_side, proxy)
            figures.note("founding case: messages/s", name, rate)
            figures.note("founding case: CPU per message, µs", name, cpu and cpu * 1e6)
    for server in [*proxies.values(), sink, odd]:
        if server:
            server.stop()
    expected = 40 + rounds * (founding.messages + 2 * founding_single.messages)
    if f"{expected} messages on" not in odd.log.read_text():
        sys.exit(f"the host of the founding case should have got {expected} messages: {odd.log.read_text()}")
    for number in range(1 if scale < 1 else 3):
        for name, make in (("haproxy", haproxy), ("mailshim", mailshim)):
            print(f"memory: {name}", file=sys.stderr)
            sink_port, port = free_port(), free_port()
            sink, proxy = smtp_sink(folder, sink_port), make(folder, {port: sink_port})
            figures.note("memory per idle session, KB", name, memory_per_session(proxy, port, round(2000 * min(1, scale * 2))))
            for server in (proxy, sink):
                server.stop()
    return figures
