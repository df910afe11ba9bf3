#!/usr/bin/python3
"""Cost of looking for registered papers: registers invented ones, then bench_fingerprint over letters of the workload and
over letters of the papers' own genre.

usage: fingerprint.py [--papers COUNT] [--keep DIRECTORY]    with top_srcdir and top_builddir
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "documents")]
import workload                         # noqa: E402
import write_papers                     # noqa: E402

TOP = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("top_builddir", TOP / "build/release"))


def register(base, count):
    config = base / "hangu.yaml"
    config.write_text(f"state: {base}\npolicy: {TOP}/contrib/policy.yaml\nrules: {TOP}/rules/packs\n"
                      f"milter: {{control_socket: {base}/none.sock}}\n", encoding="utf-8")
    if (base / "milter/papers").exists():
        return config
    files = []
    for index in range(count):
        files.append(base / f"paper-{index:05d}.txt")
        files[-1].write_text("\n".join(write_papers.paper(index)) + "\n", encoding="utf-8")
    start = time.monotonic()
    hangu = [BUILD / "hangu", "fingerprint"]
    subprocess.run([*hangu, "key", "--config", config], check=True, stdout=subprocess.DEVNULL)
    # What --out writes is a register already; so no ledger is needed.
    subprocess.run([*hangu, "add", "--config", config, "--key", base / "milter/papers.key", "--out", base / "milter/papers", *files],
                   check=True, stdout=subprocess.DEVNULL)
    print(f"{count} papers registered in {time.monotonic() - start:.0f} s; register of {(base / 'milter/papers').stat().st_size / 1e6:.0f} MB")
    for file in files:
        file.unlink()
    return config


def letters(base):
    for kind in ("text", "html"):
        files = []
        for number, (letter, _) in enumerate(workload.letters(kind, 60)):
            files.append(base / f"{kind}-{number}.eml")
            files[-1].write_bytes(letter)
        yield f"{kind} of the workload", files
    files = []
    for number in range(60):
        files.append(base / f"letter-{number}.eml")
        files[-1].write_bytes(write_papers.eml(write_papers.letter(number)))
    yield "letters of the papers' genre", files


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--papers", type=int, default=10000)
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        base = options.keep or pathlib.Path(scratch)
        base.mkdir(parents=True, exist_ok=True)
        config = register(base, options.papers)
        for name, files in letters(base):
            print(f"{name}: {sum(file.stat().st_size for file in files) / len(files) / 1000:.1f} kB", flush=True)
            subprocess.run([BUILD / "tests/bench/bench_fingerprint", config, *files], check=True)


if __name__ == "__main__":
    main()
