"""Where it all happens: gateway, proxy and hosts in three network namespaces, or all of them on loopback."""
import asyncio
import contextlib
import ctypes
import os
import socket
import subprocess

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


def listening(family, address, port):
    sock = socket.socket(FAMILIES[family], socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == 6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind((address, port))
    sock.listen(1024)
    sock.setblocking(False)
    return sock


class Loopback:
    """Mailshim with a listener for each host."""
    modes = ["fixed"]
    own = {4: "127.0.0.1", 6: "::1"}

    def __init__(self):
        self.ports = {}
        self.doors = {}

    def listen(self, number, family):
        sock = listening(family, self.own[family], 0)
        self.ports[number, family] = sock.getsockname()[1]
        return sock

    def host(self, number, family):
        return self.own[family], self.ports[number, family]

    def door(self, number, family):
        """Mailshim's own listener for that host."""
        if (number, family) not in self.doors:
            # It is free, and below the range of ports that connections take.
            with listening_anywhere(family, self.own[family]) as port:
                self.doors[number, family] = port
        return self.own[family], self.doors[number, family]

    def source(self, mode, family):
        return None

    def inside(self, who):
        return contextlib.nullcontext()

    def close(self):
        pass


@contextlib.contextmanager
def listening_anywhere(family, address):
    for port in range(20000 + os.getpid() % 5000, 32000):
        try:
            sock = listening(family, address, port)
        except OSError:
            continue
        if port in USED:
            sock.close()
            continue
        USED.add(port)
        sock.close()
        yield port
        return


USED = set()


class Namespaces:
    """gateway 10.77.1.1 (and .3) ── 10.77.1.2 proxy 10.77.2.2 ── 10.77.2.10 … hosts; in IPv6 the same with fd77:."""
    modes = ["fixed", "original", "tproxy"]

    def __init__(self):
        id = os.urandom(2).hex()
        self.names = {"gateway": f"skg{id}", "proxy": f"skp{id}", "host": f"skh{id}"}
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self.handles = {}
        g, p, h = self.names.values()
        try:
            self.shell(f"""
                set -eu
                for n in {g} {p} {h}; do ip netns add $n; ip -n $n link set lo up; done
                ip -n {p} link add gw type veth peer name eth0 netns {g}
                ip -n {p} link add out type veth peer name eth0 netns {h}
                ip -n {g} addr add 10.77.1.1/24 dev eth0; ip -n {g} addr add 10.77.1.3/24 dev eth0
                ip -n {g} addr add fd77:1::1/64 dev eth0 nodad; ip -n {g} addr add fd77:1::3/64 dev eth0 nodad
                ip -n {p} addr add 10.77.1.2/24 dev gw; ip -n {p} addr add fd77:1::2/64 dev gw nodad
                ip -n {p} addr add 10.77.2.2/24 dev out; ip -n {p} addr add fd77:2::2/64 dev out nodad
                for i in $(seq 10 40); do
                    ip -n {h} addr add 10.77.2.$i/24 dev eth0; ip -n {h} addr add fd77:2::$i/64 dev eth0 nodad
                done
                ip -n {g} link set eth0 up; ip -n {p} link set gw up
                ip -n {p} link set out up; ip -n {h} link set eth0 up
                ip -n {g} route add default via 10.77.1.2; ip -n {h} route add default via 10.77.2.2
                ip -n {g} -6 route add default via fd77:1::2; ip -n {h} -6 route add default via fd77:2::2
                ip netns exec {p} sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
                # tproxy without a listener lets connections pass: here they wait until Mailshim is there again.
                ip netns exec {p} nft 'add table inet soak;
                    add chain inet soak past {{ type filter hook forward priority 0; }};
                    add rule inet soak past tcp dport 25 drop'
            """)
        except BaseException:
            self.close()
            raise
        for who, name in self.names.items():
            self.handles[who] = os.open(f"/run/netns/{name}", os.O_RDONLY | os.O_CLOEXEC)

    @staticmethod
    def shell(script):
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"no namespaces: {done.stderr.strip()}")

    @contextlib.contextmanager
    def inside(self, who):
        """What is made here, sockets and processes, belongs to that namespace for ever."""
        self.enter(self.handles[who])
        try:
            yield
        finally:
            self.enter(self.home)

    @staticmethod
    def enter(handle):
        if LIBC.setns(handle, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")

    def listen(self, number, family):
        with self.inside("host"):
            return listening(family, *self.host(number, family))

    def host(self, number, family):
        return (f"10.77.2.{10 + number}", f"fd77:2::{10 + number}")[family == 6], 25

    def door(self, number, family):
        return ("10.77.1.2", "fd77:1::2")[family == 6], 3000 + number

    def source(self, mode, family):
        return ("10.77.1.", "fd77:1::")[family == 6] + ("3" if mode == "tproxy" else "1")

    def close(self):
        for name in self.names.values():
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


async def connected(street, mode, family, number):
    """The gateway's connection, by way of Mailshim."""
    with street.inside("gateway"):
        sock = socket.socket(FAMILIES[family], socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if source := street.source(mode, family):
            sock.bind((source, 0))
        to = street.door(number, family) if mode == "fixed" else street.host(number, family)
        await asyncio.wait_for(asyncio.get_running_loop().sock_connect(sock, to), 10)
    except BaseException:
        sock.close()
        raise
    return sock
