"""Mail through Mailshim while everything around it fails; a judge looks whether each message arrived as it should."""
import argparse
import asyncio
import os
import pathlib
import sys
import tempfile
import time

import faults
import planted
from compare import Comparison
from run import Run

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--faults", type=int, default=10_000, help="how many (default: 10,000)")
    parser.add_argument("--seed", type=int, default=int(time.time()),
                        help="the same seed: the same letters, hosts and faults, at other moments")
    parser.add_argument("--seconds", type=float, default=3600, help="at most so long (default: an hour)")
    parser.add_argument("--rate", type=float, default=400, help="new messages a second, at most")
    parser.add_argument("--only", choices=faults.WIRE + faults.PROCESS, help="faults of one kind")
    parser.add_argument("--steady", action="store_true",
                        help="no faults: so many messages a second, and what memory and files do")
    parser.add_argument("--compare", type=int, metavar="N",
                        help="instead: N random sessions, each straight to its host and through Mailshim; none may fare worse")
    parser.add_argument("--loopback", action="store_true",
                        help="without network namespaces: neither redirect nor tproxy")
    parser.add_argument("--self-test", action="store_true", help="shows the judge one of each violation")
    parser.add_argument("--plant", action="store_true",
                        help="hosts write down what did not happen: the judge must find it (exit 1)")
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for Mailshim's log")
    return parser.parse_args()


def main():
    options = arguments()
    if options.self_test:
        sys.exit(asyncio.run(planted.main()))
    binary = pathlib.Path(os.environ.get("MAILSHIM", ROOT / ".build/release/mailshim"))
    if not os.access(binary, os.X_OK):
        sys.exit(f"scripts/soak: {binary} is not there")
    with tempfile.TemporaryDirectory(prefix="mailshim-soak-") as folder:
        if options.compare:
            sys.exit(asyncio.run(Comparison(binary, pathlib.Path(folder), options.seed, options.compare, options.plant).all()))
        sys.exit(asyncio.run(Run(options, binary, pathlib.Path(folder)).all()))


main()
