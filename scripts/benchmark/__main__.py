"""The measuring part of scripts/bench.

Every round measures all programs one after the other, so that a machine that is slower for a while is slower for all;
the tables show medians over the rounds.
"""
import argparse
import os
import pathlib
import platform
import subprocess
import tempfile
import time

import admin
import clear
import line
import secure
from servers import MAILSHIM, program


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    versions = {
        "Mailshim": subprocess.run([MAILSHIM, "--version"], capture_output=True, text=True).stdout.split()[1],
        "HAProxy": subprocess.run([program("haproxy"), "-v"], capture_output=True, text=True).stdout.split()[2],
        "stunnel": subprocess.run([program("stunnel4"), "-version"], capture_output=True, text=True).stderr.split("stunnel ")[1].split()[0],
    }
    return f"{os.cpu_count()} cores of {model}, Linux {platform.release()}; {', '.join(' '.join(pair) for pair in versions.items())}"


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it works")
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds the medians are over")
    parser.add_argument("--line", action="store_true", help="instead: twelve messages over lines of 20, 100 and 250 ms")
    parser.add_argument("--admin", type=int, metavar="SESSIONS", help="instead: what status, sessions and /metrics cost with so many sessions")
    options = parser.parse_args()
    rounds, scale = (1, 0.1) if options.quick else (max(1, options.rounds), 1)
    with tempfile.TemporaryDirectory(prefix="mailshim-bench-") as folder:
        if options.line:
            lines = line.measure(pathlib.Path(folder), rounds, options.quick)
            print(f"{time.strftime('%Y-%m-%d')}, {machine()}, medians of {rounds} round{'s' if rounds > 1 else ''}.\n\n{lines}")
            return
        if options.admin:
            print(f"{time.strftime('%Y-%m-%d')}, {machine()}. {admin.measure(pathlib.Path(folder), rounds, options.admin)}")
            return
        tables = [part.measure(pathlib.Path(folder), rounds, scale).table() for part in (clear, secure)]
    print(f"{time.strftime('%Y-%m-%d')}, {machine()}, medians of {rounds} {'short ' if options.quick else ''}round{'s' if rounds > 1 else ''}.")
    print("20 sessions, messages of 4 KB; 10 MB in 4 sessions; CPU is the proxy's own.")
    print("Founding case: a host that takes one message per connection. Directly and through the others the gateway must open a connection for each")
    print("message (else all but the first bounce); through Mailshim it keeps its connections. Memory: PSS, after each session carried 300 KB.\n")
    print(tables[0])
    print("\nThe same with TLS on the remote leg, from the first byte; a handshake for each message, but for the 10 MB ones.\n")
    print(tables[1])


main()
