"""The second half of quickstart: starts a private gateway, sends the sample letters, prints the table."""
import base64
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from private_gateway import OUTSIDE, TOP, PrivateGateway  # noqa: E402
from sample_documents import docx, locked_zip, ofd, pdf, zip_of  # noqa: E402
from sample_ole import doc  # noqa: E402

DIRECTORY = pathlib.Path("/var/tmp/hangu-quickstart")
CHINESE = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "").startswith("zh")

WORDS = {
    "title": ("函谷 · 试运行演示(强制模式,专用 Postfix,仅限 127.0.0.1)", "Hangu quickstart (enforce mode, a private Postfix, 127.0.0.1 only)"),
    "columns": (("信件", "方向", "SMTP 应答", "结论", "密级", "期限", "毫秒"), ("letter", "way", "SMTP reply", "verdict", "level", "term", "ms")),
    "accept": ("放行", "accept"), "hold": ("暂扣待审", "hold"), "reject": ("拒绝", "reject"), "tempfail": ("暂缓", "tempfail"),
    "out": ("外发", "out"), "in": ("收入", "in"), "local": ("内部", "local"),
    "ledger": ("审计日志:", "Ledger: "),
    "held": ("暂扣 {n} 封(Postfix hold 队列),送达 {d} 封。", "{n} letters held (Postfix hold queue), {d} delivered."),
    "wrong": ("{n} 封信的结论与预期不符。", "{n} letters were not answered as expected."),
    "keep": ("仍在运行。发信试试:", "Still running. Send a letter to it:"),
    "look": ("查看:", "Look at it:"), "stop": ("停止:", "Stop it:"),
    "running": ("已有一个 --keep 留下的实例,先执行:sudo contrib/quickstart --stop", "An instance left by --keep is running; first: sudo contrib/quickstart --stop"),
}


def word(key, **values):
    text = WORDS[key][0 if CHINESE else 1]
    return text.format(**values) if values else text


def letter(subject, body, charset="utf-8", label=None, subtype="plain", extra=b"", raw_subject=False):
    """A whole letter as bytes; `label` is the charset it claims, `charset` the one it is in."""
    shown = subject.encode(charset) if raw_subject else b"=?utf-8?B?" + base64.b64encode(subject.encode()) + b"?="
    head = [b"Subject: " + shown, b"MIME-Version: 1.0",
            f"Content-Type: text/{subtype}; charset={label or charset}".encode(), b"Content-Transfer-Encoding: 8bit"]
    return b"\r\n".join(head) + extra + b"\r\n\r\n" + body.encode(charset).replace(b"\n", b"\r\n") + b"\r\n"


def mixed(subject, body, *parts):
    """multipart/mixed: a text and attachments given as (type, name, bytes)."""
    lines = [b"Subject: =?utf-8?B?" + base64.b64encode(subject.encode()) + b"?=", b"MIME-Version: 1.0",
             b'Content-Type: multipart/mixed; boundary="=_quickstart"', b"", b"--=_quickstart",
             b"Content-Type: text/plain; charset=utf-8", b"Content-Transfer-Encoding: 8bit", b"", body.encode()]
    for kind, name, data in parts:
        lines += [b"--=_quickstart", f"Content-Type: {kind}".encode()]
        if name:
            lines.append(b"Content-Disposition: attachment; filename=\"=?utf-8?B?" + base64.b64encode(name.encode()) + b"?=\"")
        if kind.startswith("message/"):
            lines += [b"", data]
        else:
            lines += [b"Content-Transfer-Encoding: base64", b"", base64.encodebytes(data).replace(b"\n", b"\r\n").strip()]
    return b"\r\n".join(lines + [b"--=_quickstart--", b""])


REPORT = ("000012\n机密★10年\n特急\n\n关于第三季度防汛物资调度的报告\n\n示例办发〔2026〕12号\n\n现将有关情况报告如下……\n")
NEWSLETTER = ("各位同事:\n\n本月保密宣传主题是“定密与标志”。国家秘密的密级分为绝密、机密、秘密三级,"
              "标志形式为“密级★保密期限”,例如“机密★5年”。请各处室对照自查,上网信息不涉密,涉密信息不上网。\n\n办公室\n")
PLAIN = "老王:\n\n周三下午两点的协调会改到三楼会议室,请带上上次的报名表。\n\n小李\n"
INTERNAL = "内部资料 注意保存\n\n机构调整方案(讨论稿)\n\n一、处室设置……\n"

A, B, OUT = "li@unit.example", "wang@unit.example", "friend@outside.example"
# name zh, name en, letter, sender, recipients, inbound, expected verdict
LETTERS = [
    ("普通信件", "ordinary letter", lambda: letter("周三的会", PLAIN), A, [OUT], False, "accept"),
    ("普通信件,多个收件人", "several recipients", lambda: letter("周三的会", PLAIN), A, [B, OUT, "hu@outside.example"], False, "accept"),
    ("谈保密工作的通讯", "about secrecy only", lambda: letter("保密宣传月通讯", NEWSLETTER), A, [OUT], False, "accept"),
    ("首页有密级标志", "mark on the first page", lambda: letter("报告", REPORT), A, [OUT], False, "reject"),
    ("GB18030 正文", "GB18030 body", lambda: letter("报告", REPORT, "gb18030", "gb2312"), A, [OUT], False, "reject"),
    ("谎报字符集", "lying charset", lambda: letter("report", REPORT, "gb18030", "us-ascii"), A, [OUT], False, "reject"),
    ("HTML,标志拆在标签里", "HTML, mark split by tags",
     lambda: letter("报告", "<html><body><p>机<b>密</b>&starf;<span>1</span>0年</p><p>一、总体情况</p></body></html>", subtype="html"),
     A, [OUT], False, "reject"),
    ("主题含标志", "mark in Subject", lambda: letter("【秘密★5年】关于选址的请示", "请审阅。\n"), A, [OUT], False, "reject"),
    ("转发的信内有标志", "mark in a forwarded letter", lambda: mixed("Fwd: 报告", "见附件", ("message/rfc822", "", letter("报告", REPORT))),
     A, [OUT], False, "reject"),
    ("收到的信有标志", "mark in inbound mail", lambda: letter("报告", REPORT), "x@outside.example", [A], True, "reject"),
    ("内部资料外发", "internal note going out", lambda: letter("方案", INTERNAL), A, [OUT], False, "hold"),
    ("内部资料,单位内", "internal note, inside", lambda: letter("方案", INTERNAL), A, [B], False, "accept"),
    ("docx,标志在页眉", "docx, mark in page header",
     lambda: mixed("报告", "见附件", ("application/octet-stream", "报告.docx", docx(["关于防汛物资调度的报告"], header=["机密★10年"]))),
     A, [OUT], False, "reject"),
    ("doc,标志在页眉", "doc, mark in page header",
     lambda: mixed("报告", "见附件", ("application/msword", "报告.doc", doc(["关于防汛物资调度的报告"], ["机密★10年"]))), A, [OUT], False, "reject"),
    ("OFD,标志在首页", "OFD, mark on page 1",
     lambda: mixed("报告", "见附件", ("application/octet-stream", "报告.ofd", ofd([line for line in REPORT.split("\n") if line]))),
     A, [OUT], False, "reject"),
    ("压缩包套压缩包,GBK 名", "zip in zip, GBK names",
     lambda: mixed("材料", "见附件", ("application/zip", "材料.zip",
                                  zip_of([("方案/附件.zip", zip_of([("报告.txt", REPORT.encode("gb18030"))], gbk=True))], gbk=True))),
     A, [OUT], False, "reject"),
    ("扫描件(图片)", "scan, a picture",
     lambda: mixed("报告", "见附件", ("image/png", "扫描件.png", (pathlib.Path(__file__).resolve().parent / "sample_scan.png").read_bytes())),
     A, [OUT], False, "reject"),
    ("PDF,标志在首页", "PDF, mark on page 1",
     lambda: mixed("报告", "见附件", ("application/pdf", "报告.pdf", pdf(["000012", "机密★10年", "特急", "关于防汛物资调度的报告"]))),
     A, [OUT], False, "reject"),
    ("加密压缩包", "encrypted archive", lambda: mixed("材料", "密码电话告知", ("application/zip", "材料.zip", locked_zip())), A, [OUT], False, "hold"),
]


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text, columns):
    return text + " " * max(0, columns - width(text))


def cut(text, columns):
    while width(text) > columns:
        text = text[:-1]
    return text


def widths():
    """Columns of the table: the SMTP reply gets what the terminal leaves, and no less than its two codes."""
    terminal = shutil.get_terminal_size((120, 24)).columns
    name, verdict, level = (22, 8, 8) if CHINESE else (26, 7, 13)
    reply = terminal - (name + verdict + level + 28)
    return (name, 5, max(10, min(34, reply)), verdict, level, 4, 4)


def show(cells, mark=""):
    print("  ".join(pad(cut(text, columns), columns) for text, columns in zip(cells, widths())).rstrip() + mark, flush=True)


def row(gateway, sample):
    name_zh, name_en, make, sender, recipients, inbound, expected = sample
    before = len([r for r in gateway.records() if r.get("listener") != "egress"])
    login = None if inbound else sender.partition("@")[0]
    answer = gateway.send(make(), sender, recipients, client=OUTSIDE if inbound else None, login=login)
    records = [r for r in gateway.records() if r.get("listener") != "egress"]
    record = records[-1] if len(records) > before else {}
    level = LEVELS_ZH.get(record.get("level"), "") if CHINESE else record.get("level") or ""
    verdict = record.get("verdict", "?")
    good = verdict == expected and str(answer.code)[0] == ("5" if expected == "reject" else "2")
    cells = (name_zh if CHINESE else name_en, word(record["direction"]) if record.get("direction") else "?",
             f"{answer.code} {answer.text}".replace("\n", " "), word(verdict) if verdict in WORDS else verdict,
             "" if level in ("none", "无") else level, record.get("term") or "", f"{answer.seconds * 1000:.0f}")
    return cells, good


LEVELS_ZH = {"none": "无", "sensitive": "敏感", "trade": "商业秘密", "work-secret": "工作秘密", "secret": "秘密", "highly-secret": "机密", "top-secret": "绝密"}


def table(gateway):
    show(word("columns"))
    wrong = 0
    for sample in LETTERS:
        cells, good = row(gateway, sample)
        wrong += not good
        show(cells, "" if good else "  !")
    gateway.settle()
    held = len(gateway.queue("hold"))
    print(word("held", n=held, d=len(gateway.delivered())))
    verify = gateway.hangu("ledger", "verify", "--directory", gateway.directory / "state/ledger")
    print(word("ledger") + "\n".join((verify.stdout + verify.stderr).splitlines()[:2]))
    if wrong:
        print(word("wrong", n=wrong))
    return 1 if wrong or verify.returncode else 0


def keep(gateway):
    """Leaves the gateway running and says how to use and stop it."""
    pids = {name: process.pid for name, process in gateway.processes.items()}
    (DIRECTORY / "pids.json").write_text(json.dumps(pids))
    program = gateway.program("hangu")
    print(word("keep"))
    print(f"  sendmail -C {gateway.postfix_config} -f li@unit.example friend@outside.example < LETTER.eml")
    print(f"  SMTP 127.0.0.1:{gateway.smtp_port} (mx), 127.0.0.1:{gateway.submission_port} (submission)")
    print(word("look"))
    print(f"  {program} status --config {gateway.config}")
    print(f"  {program} ledger search --directory {gateway.directory}/state/ledger")
    print(word("stop"))
    print("  sudo contrib/quickstart --stop")


def stop():
    """Stops what --keep left: Postfix by its own command, our daemons by pid."""
    if not DIRECTORY.exists():
        return 0
    if (DIRECTORY / "postfix/main.cf").exists():
        subprocess.run(["postfix", "-c", str(DIRECTORY / "postfix"), "stop"], capture_output=True, check=False)
    record = DIRECTORY / "pids.json"
    for name, pid in (json.loads(record.read_text()) if record.exists() else {}).items():
        command = pathlib.Path(f"/proc/{pid}/cmdline")
        if command.exists() and str(DIRECTORY).encode() in command.read_bytes():
            os.kill(pid, signal.SIGTERM)
            while command.exists() and command.read_bytes():
                time.sleep(0.05)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    return 0


def main():
    if "--stop" in sys.argv:
        return stop()
    if (DIRECTORY / "pids.json").exists():
        print(word("running"), file=sys.stderr)
        return 75
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    gateway = PrivateGateway(TOP / "build/release", DIRECTORY)
    print(word("title"))
    try:
        gateway.start()
        status = table(gateway)
    except BaseException:
        gateway.stop()
        raise
    if "--keep" in sys.argv:
        keep(gateway)
    else:
        gateway.stop()
        shutil.rmtree(DIRECTORY, ignore_errors=True)
    return status


sys.exit(main())
