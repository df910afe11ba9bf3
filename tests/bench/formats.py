"""formats: documents per second and CPU per document of each format, read behind the walls (bench_extract), beside what other
programs need for the same file in the same run."""
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile

import documents

SECONDS = 3


def command(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0]
    except OSError:
        return ""


def cpu_ms(*arguments, times=1, **options):
    """CPU of a program and its children, ms a run; None if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(times):
        if subprocess.run(list(map(str, arguments)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, **options).returncode != 0:
            return None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / times


def by_pdftotext(path):
    program = shutil.which("pdftotext")
    return cpu_ms(program, path, "/dev/null", times=10) if program and path.suffix == ".pdf" else None


def by_libreoffice(path):
    """Conversion to text (to PDF where it has no text), by one start of LibreOffice with the file five times, less one start with it once."""
    program = shutil.which("soffice")
    if not program or path.suffix not in (".docx", ".xlsx", ".pptx", ".odt", ".doc", ".xls", ".ppt", ".rtf"):
        return None
    kind = {".xlsx": "csv", ".xls": "csv", ".pptx": "pdf", ".ppt": "pdf"}.get(path.suffix, "txt:Text")
    with tempfile.TemporaryDirectory() as directory:
        base = [program, f"-env:UserInstallation=file://{documents.CACHE}/profile", "--headless", "--convert-to", kind, "--outdir", directory]
        one, five = cpu_ms(*base, path, timeout=120), cpu_ms(*base, *[path] * 5, timeout=120)
    return (five - one) / 4 if one and five and five > one else None


def by_clamd(path):
    """clamd as this machine runs it: user and system time of the daemon over some scans."""
    program = shutil.which("clamdscan")
    daemons = [int(entry.name) for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit() and command(int(entry.name)).endswith("clamd")]
    if not program or not daemons:
        return None

    def used():
        return sum(int(cell) for cell in pathlib.Path(f"/proc/{daemons[0]}/stat").read_text().rpartition(")")[2].split()[11:13])
    before = used()
    if cpu_ms(program, "--fdpass", "--no-summary", path, times=20) is None:
        return None
    return 1000 * (used() - before) / os.sysconf("SC_CLK_TCK") / 20


OTHERS = [("pdftotext", by_pdftotext), ("LibreOffice", by_libreoffice), ("clamd", by_clamd)]


def report():
    build = pathlib.Path(os.environ["top_builddir"])
    with tempfile.TemporaryDirectory() as directory:
        paths = documents.directory_of_samples(directory)
        told = subprocess.run([build / "tests/bench/bench_extract", build / "hangu-extract", str(SECONDS), "-", *paths], capture_output=True, text=True, check=False).stdout
        rows = [line.split("\t") for line in told.splitlines()]
        bare = float(rows[0][3])
        print(f"\nformats: one reader process each, behind its walls; the walls alone {bare:.2f} ms, of it {float(rows[0][4]):.2f} of the parent")
        print(f"{'document':<22}{'kB':>6}{'docs/s':>9}{'CPU ms':>9}{'- walls':>9}{'peak MB':>9}" + "".join(f"{name + ' ms':>16}{'ratio':>8}" for name, _ in OTHERS) + "  coverage")
        for path, (name, _, rate, spent, _, peak, cover) in zip(paths, rows[1:]):
            line = f"{name:<22}{path.stat().st_size / 1000:>6.0f}{float(rate):>9.1f}{float(spent):>9.2f}{float(spent) - bare:>9.2f}{int(peak) / 1024:>9.1f}"
            for _, measure in OTHERS:
                other = measure(path)
                line += f"{'-':>16}{'-':>8}" if other is None else f"{other:>16.2f}{float(spent) / other:>8.2f}"
            print(f"{line}  {cover}", flush=True)
