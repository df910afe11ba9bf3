"""tap: flow tests as plain functions. `run(globals())` runs every test_* function and prints TAP."""
import os
import pathlib
import sys
import time
import traceback

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "contrib"))
os.environ.setdefault("top_builddir", str(TOP / "build/release"))


import warm  # noqa: E402
from private_gateway import PrivateGateway  # noqa: E402

PrivateGateway.before_start, PrivateGateway.after_stop = staticmethod(warm.borrow), staticmethod(warm.keep)


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


def need_root():
    if os.geteuid() != 0:
        raise Skip("a private Postfix needs root")


def run(names):
    tests = [(name, function) for name, function in names.items() if name.startswith("test_") and callable(function)]
    chosen = os.environ.get("TEST_FILTER")
    tests = [test for test in tests if not chosen or chosen in test[0]]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, (name, function) in enumerate(tests, 1):
        start = time.monotonic()
        try:
            function()
            print(f"ok {number} - {name}", flush=True)
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}", flush=True)
        except BaseException as problem:        # a failed test must not hide the next
            failed += 1
            print(f"not ok {number} - {name}", flush=True)
            for line in traceback.format_exception(problem):
                print("# " + line.rstrip().replace("\n", "\n# "), flush=True)
        print(f"# {name}: {time.monotonic() - start:.1f} s", flush=True)
    sys.exit(1 if failed else 0)
