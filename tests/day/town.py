"""town: the people of a unit and what they do on one day, the same for the same seed. Knows nothing of programs."""
import io
import pathlib
import random
import sys
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
from workload import page, prose, sentence                              # noqa: E402

DEPARTMENTS = ("办公室 人事处 财务处 法规处 规划处 综合处 业务一处 业务二处 业务三处 业务四处 监督处 审计处 科技处 宣传处 信息中心 "
               "机关党委 离退休处 后勤中心 督查室 研究室").split()
SURNAMES = ("zhao qian sun li zhou wu zheng wang feng chen chu wei jiang shen han yang zhu qin you xu he lv shi zhang kong cao "
            "yan hua jin tao jiang qi xie zou yu bai su pan ge xi fan peng lang lu chang ma miao fang ren yuan liu bao").split()
GIVEN = ("wei fang na min jing li qiang lei jun yang yong yan jie juan tao ming chao xiulan xia ping gang guiying ying hua hui hong "
         "jianguo jianhua zhiqiang xiaoming xiaohong guoqiang haiyan yuhua ting bin bo kai xin lin peng hao yu").split()
OUTSIDE = ["partner.example", "supplier.example", "school.example", "bureau.example"]
HOUR = 60


class Person:
    def __init__(self, number, name, department, draw):
        self.number, self.department, self.name = number, department, name
        self.address = f"{name}@unit.example"
        self.ip = f"10.1.{department}.{10 + number % 200}"
        self.mobile = f"100.64.{number % 200}.{number // 200 + 1}"
        self.password = f"Kx{draw.randint(10, 99)}-lampe-{draw.randint(1000, 9999)}"
        self.first_seen = 20                    # days ago
        self.old_password = None                # his phone still has it
        self.role, self.duty = "clerk", None    # duty: of the department
        self.forward = None                     # (how, where to)
        self.registered, self.suspended, self.kind = True, False, "person"
        self.changes_at = None                  # minute when he changes a refused password
        self.phone = draw.random() < 0.5

    def place(self):
        return DEPARTMENTS[self.department]


def people(count, draw):
    names, made = set(), []
    departments = min(len(DEPARTMENTS), max(2, count // 20))
    for number in range(count):
        name = draw.choice(SURNAMES) + draw.choice(GIVEN)
        while name in names:
            name += str(draw.randint(2, 99))
        names.add(name)
        made.append(Person(number, name, number % departments, draw))
    for number, one in enumerate(made[:departments * 4]):
        one.duty = ("handler", "reviewer", "approver", "deputy")[number // departments]
        one.role = "handler" if one.duty == "handler" else "reviewer" if one.duty == "reviewer" else "clerk"
    rest = iter(draw.sample(made[departments * 4:], len(made) - departments * 4))

    def take(share, role, least=1):
        chosen = [next(rest) for _ in range(max(least, round(count * share)))]
        for one in chosen:
            one.role = role
        return chosen

    for one in take(0.06, "weak password"):
        one.password = draw.choice(("12345678", one.name + "123", one.name + "2024", "abc12345"))
    for one in take(0.04, "old password"):
        one.first_seen = 120
    for one in take(0.02, "password ends soon"):
        one.first_seen = 86
    for one in take(0.01, "unregistered"):
        one.registered = False
    for one in take(0.005, "suspended"):
        one.suspended = True
    for one in take(0.01, "phone, old password"):
        one.old_password, one.password = one.password, one.password + "-neu"
    for number, one in enumerate(take(0.0075, "auto-forward", 2)):
        one.forward = ("sieve" if number % 3 else "alias", f"{one.name}@mail{number}.example")
    take(0.01, "sender of a marked letter", 2)
    take(0.0075, "sender of a doubt", 2)
    take(0.0125, "forgets the password", 2)
    take(0.005, "alien sender")
    take(0.004, "attacker's victim", 2)
    take(0.0025, "administrator")
    for one in made:
        if one.role == "administrator":
            one.kind = "administrator"
        one.changes_at = draw.randint(9 * HOUR, 16 * HOUR)
    return made


# --- letters ---------------------------------------------------------------------------------------------------------


def paper(draw, size):
    """An ordinary .docx."""
    text = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in prose(draw, size).splitlines())
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in (
                ("[Content_Types].xml", '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
                 'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
                 'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main'
                 '+xml"/></Types>'),
                ("_rels/.rels", '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
                 'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
                 'officeDocument" Target="word/document.xml"/></Relationships>'),
                ("word/document.xml", '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/'
                 f'wordprocessingml/2006/main"><w:body>{text}</w:body></w:document>')):
            file.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)
    return made.getvalue()


MARKED = "机密★10年\n\n关于设备采购的通知\n\n各处室：现将有关事项通知如下。\n"
WORK = "工作秘密\n\n关于近期工作安排的请示\n\n现将有关情况报告如下，请审阅。\n"
DOUBT = "秘密\n\n关于召开座谈会的通知\n\n定于周五下午召开座谈会，请准时参加。\n"


class Letter:
    """sender: envelope; who: the person who submits, None: from outside; answer_of: what it quotes."""

    def __init__(self, minute, sender, recipients, text, who=None, kind="text", attachment=None, headers=(), role="", ip=None):
        self.minute, self.sender, self.recipients, self.text, self.who = minute, sender, recipients, text, who
        self.kind, self.attachment, self.headers, self.role, self.ip = kind, attachment, list(headers), role, ip
        self.identifier = None


class Login:
    def __init__(self, minute, who, password, right, ip, protocol="imap"):
        self.minute, self.who, self.password, self.right, self.ip, self.protocol = minute, who, password, right, ip, protocol


def work_minute(draw):
    """Peaks at ten and three, a dip at noon."""
    if draw.random() < 0.06:
        return draw.randint(18 * HOUR, 22 * HOUR)
    peak = draw.choice((9.2, 10.3, 10.3, 14.8, 15.2, 16.5))
    minute = int(draw.gauss(peak * HOUR, 50))
    return min(max(minute, 8 * HOUR), 19 * HOUR)


class Day:
    def __init__(self, count, seed=1):
        draw = self.draw = random.Random(seed)
        self.people = people(count, draw)
        self.by_place = {}
        for one in self.people:
            self.by_place.setdefault(one.department, []).append(one)
        self.texts = [prose(draw, draw.choice((400, 900, 1500, 3000))) for _ in range(min(200, max(20, count // 2)))]
        self.papers = [paper(draw, draw.choice((3000, 8000, 20000))) for _ in range(min(12, max(3, count // 10)))]
        self.pages = [page(draw, draw.randint(8000, 20000)) for _ in range(3)]
        self.events = []
        for one in self.people:
            self.logins(one)
            self.letters(one)
        self.marked()
        self.newsletters()
        self.machines()
        self.attacks()
        self.events.sort(key=lambda event: event.minute)

    def of(self, role):
        return [one for one in self.people if one.role == role]

    # --- everybody -----------------------------------------------------------------------------
    def logins(self, one):
        draw = self.draw
        morning = draw.randint(7 * HOUR + 50, 9 * HOUR)
        if one.role == "forgets the password":
            for number in range(4):
                self.events.append(Login(morning + number, one, f"maybe{number}", False, one.ip))
        self.events.append(Login(morning + 5, one, None, True, one.ip))
        self.events.append(Login(draw.randint(13 * HOUR, 14 * HOUR), one, None, True, one.ip))
        if one.phone:
            for _ in range(3):
                self.events.append(Login(draw.randint(7 * HOUR, 22 * HOUR), one, None, True, one.mobile))
        if one.old_password:
            for minute in range(7 * HOUR, 22 * HOUR, 5):
                self.events.append(Login(minute, one, one.old_password, False, one.mobile))

    def colleagues(self, one):
        draw = self.draw
        near = draw.random() < 0.7
        pool = self.by_place[one.department] if near else self.people
        return [other.address for other in draw.sample(pool, min(len(pool), draw.choice((1, 1, 1, 2, 2, 3, 5)))) if other is not one]

    def letters(self, one):
        draw = self.draw
        for _ in range(draw.randint(2, 7)):
            minute = work_minute(draw)
            outward = draw.random() < 0.15
            to = [f"p{draw.randint(1, 400)}@{draw.choice(OUTSIDE)}"] if outward else self.colleagues(one)
            if not to:
                continue
            sender = draw.choice(self.people[:20]).address if one.role == "alien sender" else one.address
            attachment = draw.choice(self.papers) if draw.random() < 0.12 else None
            first = Letter(minute, sender, to, draw.choice(self.texts), one, attachment=attachment)
            self.events.append(first)
            if not outward and draw.random() < 0.35:
                other = next((p for p in self.by_place[one.department] if p.address == to[0]), None)
                if other is not None:
                    quoted = "好的，收到。\n\n" + "\n".join("> " + line for line in first.text.splitlines())
                    self.events.append(Letter(min(minute + draw.randint(5, 90), 23 * HOUR), other.address, [one.address], quoted, other))
        for _ in range(draw.randint(1, 3)):
            self.events.append(Letter(work_minute(draw), f"p{draw.randint(1, 400)}@{draw.choice(OUTSIDE)}", [one.address],
                                      draw.choice(self.texts), ip="192.0.2.33",
                                      attachment=draw.choice(self.papers) if draw.random() < 0.1 else None))

    # --- some ----------------------------------------------------------------------------------
    def marked(self):
        draw = self.draw
        for number, one in enumerate(self.of("sender of a marked letter")):
            outward = number % 3 != 0
            to = [f"p{number}@{OUTSIDE[0]}"] if outward else self.colleagues(one) or [self.people[0].address]
            for again in range(1 + number % 3):         # refused, some try again
                self.events.append(Letter(work_minute(draw), one.address, to, MARKED if number % 2 else WORK, one, role="marked"))
        for number, one in enumerate(self.of("sender of a doubt")):
            for again in range(1 + 4 * (number == 0)):  # one has a bad day
                self.events.append(Letter(work_minute(draw), one.address, [f"p{number}@{OUTSIDE[1]}"], DOUBT, one, role="doubt"))

    def newsletters(self):
        draw = self.draw
        for number, minute in enumerate((7 * HOUR, 12 * HOUR, 17 * HOUR)):
            chosen = draw.sample(self.people, len(self.people) // 2)
            for start in range(0, len(chosen), 40):
                self.events.append(Letter(minute + start // 40, f"news-bounces@list{number}.example",
                                          [one.address for one in chosen[start:start + 40]], self.pages[number], kind="html",
                                          headers=[("List-Id", f"<news.list{number}.example>"), ("Precedence", "bulk")], ip="192.0.2.44"))

    def machines(self):
        """A printer that knows no TLS, and the OA system that is registered by its address."""
        draw = self.draw
        self.printer = Person(9001, "printer3", 0, draw)
        self.printer.kind, self.printer.ip, self.printer.role = "service", "10.1.9.9", "printer without TLS"
        for _ in range(max(3, len(self.people) // 25)):
            self.events.append(Letter(work_minute(draw), self.printer.address, [draw.choice(self.people).address], "扫描件\n", self.printer,
                                      attachment=draw.choice(self.papers), role="no-tls"))
        for _ in range(max(3, len(self.people) // 20)):
            self.events.append(Letter(work_minute(draw), "oa@unit.example", [draw.choice(self.people).address],
                                      "您有一份待办事项，请登录办公系统查看。\n", None, role="device", ip="10.1.9.20"))

    def attacks(self):
        """By night one address tries one password on many accounts; by day many addresses try one account; and one guess of a weak
        password is right: a flood of letters goes out."""
        draw = self.draw
        for number, one in enumerate(draw.sample(self.people, max(12, len(self.people) * 3 // 8))):
            self.events.append(Login(2 * HOUR + number // 3, one, "Spring2026!", False, "203.0.113.66"))
        victims = self.of("attacker's victim")
        for one in victims[1:]:
            for number in range(60):
                self.events.append(Login(13 * HOUR + number, one, f"guess{number}", False, f"198.51.{number}.7"))
        self.taken = victims[0]
        self.taken.password = "12345678"
        self.events.append(Login(3 * HOUR + 30, self.taken, "12345678", True, "203.0.113.99"))
        for number in range(40):
            self.events.append(Letter(3 * HOUR + 35 + number // 4, self.taken.address, [f"v{number}@flood.example"],
                                      draw.choice(self.texts), self.taken, role="flood", ip="203.0.113.99"))
