"""warm: rules that one gateway compiled serve the next. The cache of compiled rules and its key are kept in the build tree, for
these packs and this program; test_start sees to starts without one."""
import hashlib
import os
import pathlib
import shutil
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
KEY = "state/milter/cache.key"


def kept():
    build = pathlib.Path(os.environ["top_builddir"])
    digest = hashlib.sha256()
    for path in [*sorted((TOP / "rules/packs").iterdir()), build / "hangu-milter"]:
        digest.update(path.read_bytes())
    return build / "tests/flow/warm" / digest.hexdigest()[:32]


KEPT = kept()


def borrow(directory, uid=-1, gid=-1):
    """For a gateway that starts in that directory as that user."""
    if not KEPT.exists():
        return
    (directory / KEY).parent.mkdir(mode=0o700, exist_ok=True)
    for path in KEPT.iterdir():
        to = directory / KEY if path.name == "cache.key" else directory / "cache" / path.name
        shutil.copy(path, to)
        to.chmod(0o600)
        os.chown(to, uid, gid)
    os.chown((directory / KEY).parent, uid, gid)


def keep(directory):
    """From a gateway that has stopped; the first is enough."""
    if KEPT.exists() or not list((directory / "cache").glob("*.cache")) or not (directory / KEY).exists():
        return
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    made = pathlib.Path(tempfile.mkdtemp(dir=KEPT.parent))
    for path in [directory / KEY, *(directory / "cache").glob("*.cache")]:
        shutil.copy(path, made)
    try:
        made.rename(KEPT)
    except OSError:             # another test was quicker
        shutil.rmtree(made)
