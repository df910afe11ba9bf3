#!/usr/bin/python3
"""Format by place: what readers find in the samples, behind their walls.

usage: matrix.py [DIRECTORY]    with files of its own (any program's) instead of the written samples, only lists them

Exit status 1 if anything expected was not found. Where LibreOffice is installed, files converted by it are asked too.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("top_builddir", HERE.parent.parent / "build/release"))
MARK = "机密★10年"


def tell(path):
    done = subprocess.run([BUILD / "tests/documents/tell", path, BUILD / "hangu-extract"], capture_output=True, check=False)
    rows = [line.split("\t", 1) for line in done.stdout.decode("utf-8", "replace").splitlines()]
    return done.returncode, rows


def found(rows, place, text):
    return any(kind == place and text in said for kind, said in rows)


def samples(directory):
    subprocess.run([sys.executable, HERE / "write_documents.py", directory], check=True)
    expected = {}
    for line in (directory / "expected.tsv").read_text("utf-8").splitlines():
        file, place, text = line.split("\t", 2)
        expected.setdefault(file, []).append((place, text))
    return expected


def converted(directory):
    """The same text by another hand: LibreOffice's own files."""
    office = shutil.which("soffice")
    if not office:
        return {}
    (directory / "real.html").write_text(f"<html><body><h1>{MARK}</h1><table><tr><td>a</td><td>{MARK}cell</td></tr></table></body></html>", "utf-8")
    expected = {}
    for kind in ("docx", "odt", "ott", "dotx"):
        subprocess.run([office, "--headless", "--writer", "--convert-to", kind, "--outdir", directory, directory / "real.html"],
                       capture_output=True, check=False, timeout=120, env={**os.environ, "HOME": str(directory)})
        if (directory / f"real.{kind}").exists():
            expected[f"real.{kind}"] = [("body", MARK), ("body", MARK + "cell")]
    return expected


def main():
    if len(sys.argv) > 1:
        for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
            status, rows = tell(path)
            print(f"{path.name}: {status} {[said for place, said in rows if place == 'cover']}")
            for place, said in rows:
                print(f"    {place}: {said[:160]}")
        return 0
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        expected = samples(directory)
        expected.update(converted(directory))
        places = sorted({place for rows in expected.values() for place, _ in rows})
        missing = []
        print("| file | " + " | ".join(places) + " |")
        print("| --- " * (len(places) + 1) + "|")
        for file, wanted in expected.items():
            status, rows = tell(directory / file)
            if status != 0:
                missing.append(f"{file}: the reader ended with {status}")
            cells = []
            for place in places:
                texts = [text for kind, text in wanted if kind == place]
                lost = [text for text in texts if not found(rows, place, text)]
                missing += [f"{file}: {place}: {text}" for text in lost]
                cells.append("" if not texts else f"{len(texts) - len(lost)}/{len(texts)}")
            print(f"| {file} | " + " | ".join(cells) + " |")
    print("\n".join(missing))
    return 1 if missing else 0


sys.exit(main())
