"""The programs that are measured, and the hosts behind them: each a process that listens until it is stopped."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
POSTFIX = ROOT / ".build/peers/postfix/usr"
MAILSHIM = pathlib.Path(os.environ.get("MAILSHIM", ROOT / ".build/release/mailshim"))


def program(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/bin") or sys.exit(f"scripts/bench: {name} is missing")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, folder, name, command, ports, environment=None):
        self.name = name
        self.log = folder / f"{name}-{free_port()}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **(environment or {})})
        for port in ports:
            self.wait_for(port)

    def wait_for(self, port):
        for _ in range(500):
            if self.process.poll() is not None:
                sys.exit(f"{self.name} ended:\n{self.log.read_text()}")
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        sys.exit(f"{self.name} does not listen on {port}")

    def cpu(self):
        """Seconds of CPU so far, of all its threads: the clock that clock_getcpuclockid(3) gives."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def memory(self):
        """Its proportional set size, in KB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def postfix_tool(name):
    return str(POSTFIX / "sbin" / name), {"LD_LIBRARY_PATH": str(POSTFIX / "lib/postfix")}


def smtp_sink(folder, port):
    # Its own standard time-out (100 s) stays: with a longer one it becomes ten times slower.
    tool, environment = postfix_tool("smtp-sink")
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    return Server(folder, "smtp-sink", [tool, *user, "-m", "9000", f"127.0.0.1:{port}", "4096"], [port], environment)


def odd_host(folder, port, shape="B"):
    return Server(folder, "odd-host", [MAILSHIM, "odd-host", "--shape", shape, "--port", str(port)], [port])


def haproxy(folder, routes):
    """Routes: the port it listens on, and the one it sends to."""
    lines = ["global", "  maxconn 9000", "defaults", "  mode tcp", "  timeout connect 10s", "  timeout client 15m", "  timeout server 15m"]
    for port, to in routes.items():
        lines += [f"listen p{port}", f"  bind 127.0.0.1:{port}", f"  server s 127.0.0.1:{to}"]
    file = folder / "haproxy.cfg"
    file.write_text("\n".join(lines) + "\n")
    return Server(folder, "haproxy", [program("haproxy"), "-db", "-f", file], routes)


def mailshim(folder, routes, tls="opportunistic", binary=MAILSHIM):
    lines = ['hostname = "bench.example"', 'state = "memory"', "[default]", f'tls = "{tls}"']
    lines += ["[limits]", "sessions = 9000", "sessions-per-gateway = 9000"]
    for port, to in routes.items():
        lines += ["[[listener]]", f'name = "p{port}"', f'bind = "127.0.0.1:{port}"', f'destination = "127.0.0.1:{to}"']
    file = folder / f"mailshim-{free_port()}.toml"
    file.write_text("\n".join(lines) + "\n")
    return Server(folder, "mailshim", [binary, "serve", "--config", file], routes)


def stunnel(folder, services):
    """Services: for each port that it listens on, the one it sends to, and lines of the service's section."""
    lines = ["foreground = quiet", "pid =", "debug = warning", "socket = l:TCP_NODELAY=1", "socket = r:TCP_NODELAY=1"]
    for port, (to, more) in services.items():
        lines += [f"[p{port}]", f"accept = 127.0.0.1:{port}", f"connect = 127.0.0.1:{to}", *more]
    file = folder / f"stunnel-{free_port()}.conf"
    file.write_text("\n".join(lines) + "\n")
    return Server(folder, "stunnel", [program("stunnel4"), file], services)


def certificate(folder):
    """A file with a key and a certificate of its own signing."""
    file = folder / "host.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=host.example"]
    subprocess.run([*command, "-keyout", folder / "host.key", "-out", folder / "host.crt"], check=True, capture_output=True)
    file.write_bytes((folder / "host.key").read_bytes() + (folder / "host.crt").read_bytes())
    return file
