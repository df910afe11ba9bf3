#!/usr/bin/python3
"""hangu account audit on 10,000 hashes of mixed schemes and a list of 100,000 words, all made here.

One account in twenty has a password of its user name, one in twenty a word of the list; the others have random ones.
BENCH_BUDGET: seconds for each of the two runs (45); the second goes on where the first stopped. The last column: how many
words two cores try on each hash of a scheme within an hour, if that hour is its own.
"""
import base64
import ctypes
import hashlib
import json
import os
import pathlib
import random
import subprocess
import tempfile
import time

ACCOUNTS, WORDS = 10000, 100000
FEW = {"SHA512-CRYPT": 1000, "MD5-CRYPT": 500, "YESCRYPT": 60, "BCRYPT": 40, "PLAIN-MD5": 500, "SSHA512": 2000}
SETTINGS = {"SHA512-CRYPT": (b"$6$", 0), "MD5-CRYPT": (b"$1$", 0), "YESCRYPT": (b"$y$", 0), "BCRYPT": (b"$2b$", 10)}
SYLLABLES = "wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo".split()
random.seed(20261122)
libcrypt = ctypes.CDLL("libcrypt.so.1")
libcrypt.crypt.restype = libcrypt.crypt_gensalt.restype = ctypes.c_char_p
libcrypt.crypt_gensalt.argtypes = [ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p, ctypes.c_int]


def store(scheme, password):
    data, salt = password.encode(), random.randbytes(12)
    if scheme in SETTINGS:
        prefix, cost = SETTINGS[scheme]
        setting = libcrypt.crypt_gensalt(prefix, cost, None, 0)
        return "{CRYPT}" + libcrypt.crypt(data, setting).decode()
    if scheme == "PLAIN-MD5":
        return "{PLAIN-MD5}" + hashlib.md5(data).hexdigest()
    digest = hashlib.sha512 if scheme == "SSHA512" else hashlib.sha1
    return f"{{{scheme}}}" + base64.b64encode(digest(data + salt).digest() + salt).decode()


def secret():
    return "".join(random.choices("abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-+", k=12))


def write(directory):
    words = [secret()[:8] + random.choice(SYLLABLES) for _ in range(WORDS)]
    (directory / "words").write_text("\n".join(words) + "\n")
    schemes = [scheme for scheme, count in FEW.items() for _ in range(count)]
    schemes += ["SSHA"] * (ACCOUNTS - len(schemes))
    planted, lines = {}, []
    for number, scheme in enumerate(schemes):
        name = f"{random.choice(SYLLABLES)}{random.choice(SYLLABLES)}{number}"
        password = f"{name.capitalize()}@123" if number % 20 == 0 else random.choice(words) if number % 20 == 1 else secret()
        if number % 20 < 2:
            planted[name] = "login" if number % 20 == 0 else "word"
        lines.append(f"{name}:{store(scheme, password)}:::")
    (directory / "users").write_text("\n".join(lines) + "\n")
    return planted


def audit(directory, planted, budget):
    began = time.monotonic()
    done = subprocess.run([os.environ["top_builddir"] + "/hangu", "account", "audit", "--json", "--all", "--budget", budget,
                           "--words", str(directory / "words"), "--resume", str(directory / "state"),
                           str(directory / "users")], capture_output=True, text=True, check=False)
    took = time.monotonic() - began
    assert done.returncode == 1, done.stderr
    *rows, last = [json.loads(line) for line in done.stdout.splitlines()]
    found = {row["account"]: row["guessed"] for row in rows if row["guessed"]}
    sums = last["summary"]
    print(f"run of {took:.0f} s: {len(found)} guessed of {len(planted)} planted, {len(found.keys() - planted.keys())} others; "
          f"tried to the end {sums['accounts'] - sums['partly'] - sums['not_tried']}, in part {sums['partly']}, "
          f"not {sums['not_tried']}")
    print(f"{'scheme':18}{'hashes':>8}{'guessed':>9}{'tries':>13}{'tries/s per core':>18}{'s for 100,000 words':>21}{'words/hash an hour':>20}")
    for one in sums["schemes"]:
        rate = one["tries_per_second"]
        print(f"{one['scheme']:18}{one['hashes']:8}{one['guessed']:9}{one['tries']:13}{rate:18}"
              f"{WORDS / rate if rate else 0:21.1f}{rate * 2 * 3600 / one['hashes']:20.0f}")


with tempfile.TemporaryDirectory(prefix="hangu-audit-", dir="/var/tmp") as name:
    start = time.monotonic()
    planted = write(pathlib.Path(name))
    print(f"{ACCOUNTS} hashes and {WORDS} words made in {time.monotonic() - start:.0f} s")
    for _ in range(2):
        audit(pathlib.Path(name), planted, os.environ.get("BENCH_BUDGET", "45"))
