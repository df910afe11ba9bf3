"""workload: letters for the benchmark, the same on every machine (fixed seed)."""
import base64
import quopri
import random

NOUNS = "会议 方案 报告 通知 项目 经费 人员 材料 设备 合同 计划 数据 系统 培训 采购 验收 审批 清单 预算 总结 调研 整改 巡查 值班 档案 车辆 场地 进度 工程 合作".split()
VERBS = "安排 研究 讨论 落实 提交 完成 汇总 核对 推进 整理 检查 布置 协调 更新 审核 发布 修改 登记 确认 反馈".split()
GLUE = "请于 已经 将在 本周 下周 根据 按照 关于 以及 并且 同时 为了 对于 目前 各位 有关 单位 部门 要求 情况".split()
CHARSETS = [("utf-8", "utf-8"), ("gb18030", "gb18030"), ("gb18030", "gb2312")]


def sentence(draw):
    words = [draw.choice(draw.choice((NOUNS, VERBS, GLUE))) for _ in range(draw.randint(6, 14))]
    return "".join(words) + draw.choice("。;,!")


def prose(draw, size):
    """About `size` bytes of UTF-8 text in paragraphs."""
    out, length = [], 0
    while length < size:
        one = "    " + "".join(sentence(draw) for _ in range(draw.randint(2, 6)))
        out.append(one)
        length += 3 * len(one)
    return "\n".join(out) + "\n"


def encode(draw, text, subtype):
    codec, label = draw.choice(CHARSETS)
    data = text.encode(codec)
    how = draw.choice(("8bit", "base64", "quoted-printable"))
    if how == "base64":
        data = base64.encodebytes(data)
    elif how == "quoted-printable":
        data = quopri.encodestring(data)
    head = f"Subject: =?utf-8?B?{base64.b64encode(sentence(draw).encode()).decode()}?=\r\nFrom: a@unit.example\r\nTo: b@outside.example\r\nMIME-Version: 1.0\r\n" \
           f"Content-Type: text/{subtype}; charset={label}\r\nContent-Transfer-Encoding: {how}\r\n\r\n"
    return head.encode() + data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def page(draw, size):
    rows, length = [], 0
    while length < size:
        cells = "".join(f'<td style="font-family:SimSun;font-size:{draw.randint(9, 14)}pt;border:1px solid #ccc"><span lang="zh-CN">{sentence(draw)}</span></td>' for _ in range(3))
        rows.append(f'<tr class="r{draw.randint(0, 9)}">{cells}</tr>\n<tr><td colspan="3"><p class="MsoNormal">{sentence(draw)}&nbsp;<b>{sentence(draw)}</b></p></td></tr>')
        length += 3 * len(rows[-1])
    return "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html\"><style>p { margin: 0cm } td { padding: 2px }</style></head><body><table>" + "".join(rows) + "</table></body></html>"


def letters(kind, count, seed=7):
    """[(letter, marked)]: text of 2-20 kB or HTML of 30-100 kB; one in fifty carries a mark."""
    draw = random.Random(f"{kind}{seed}")
    made = []
    for number in range(count):
        marked = number % 50 == 49
        mark = "机密★10年\n\n" if marked else ""
        if kind == "text":
            made.append((encode(draw, mark + prose(draw, draw.randint(2_000, 16_000)), "plain"), marked))
        else:
            text = page(draw, draw.randint(30_000, 100_000))
            made.append((encode(draw, text.replace("<body>", "<body><p>机密★10年</p>") if marked else text, "html"), marked))
    return made
