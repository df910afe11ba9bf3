#!/usr/bin/python3
"""Invented office papers and letters of one genre, any number of them and the same on every machine.

usage: write_papers.py DIRECTORY [--papers COUNT] [--letters COUNT] [--first NUMBER]

Papers have the openings, closings, forms and quotations of (invented) statutes that such papers share; what lies between is put
together anew for each. Letters are of the same kind, but none holds a paper's text.
"""
import argparse
import pathlib
import random

PLACES = ["东岭", "北塘", "青石", "河湾", "临溪", "望江", "安定", "云台", "石桥", "长坪", "南浦", "松口", "白鹿", "金沙", "枫林", "大营", "双溪", "龙坝",
          "桃源", "梅岭", "柳林", "西渡", "凤山", "盐井", "古驿", "清泉", "沙洲", "虎丘", "新圩", "杨柳"]
OFFICES = ["办公室", "发展规划处", "财务审计处", "信息中心", "人事教育处", "基建管理处", "安全监督处", "政策研究室", "督查考核组", "后勤服务中心", "档案管理科",
           "运行调度中心", "工程技术部", "采购管理办", "应急指挥部", "综合协调组", "数据治理组", "项目推进专班", "资产管理处", "法制工作科"]
THINGS = ["供水管网", "堤防加固", "粮食储备", "冷链仓储", "道路养护", "桥梁检测", "机房搬迁", "档案数字化", "锅炉改造", "变电扩容", "排涝泵站", "危房鉴定", "人才引进",
          "岗位竞聘", "车辆更新", "食堂外包", "票据核销", "预算调剂", "合同清理", "设备报废", "网络割接", "门禁升级", "消防整改", "林地确权", "渔船登记", "农机补贴",
          "校舍修缮", "药品配送", "疫苗接种", "气象观测", "地灾巡查", "噪声治理", "扬尘管控", "垃圾分类", "河道清淤", "苗木采购", "文物普查", "广场改造", "公交调线",
          "停车收费", "电梯年检", "燃气入户", "热力计量", "井盖排查", "路灯节能", "窨井清掏", "航道疏浚", "码头扩建", "灌渠衬砌", "水库除险"]
FAULTS = ["台账不全", "责任不清", "进度滞后", "经费紧张", "数据重复", "图纸缺失", "设备老化", "人手不足", "手续拖延", "标准不一", "验收走样", "沟通不畅", "监管缺位", "材料失真",
          "库存积压", "接口不通", "权限混乱", "口径不同", "隐患反复", "群众反映强烈"]
STEPS = ["逐户登记", "分段招标", "集中会审", "现场复核", "交叉互查", "挂图作战", "按周通报", "限期销号", "联合踏勘", "抽样检测", "连夜抢修", "统一编码", "分区包干", "提前预警", "双人签收",
         "封闭运行", "并行试用", "择优比选", "邀请专家论证", "引入第三方评估", "建立日报制度", "设置观察期", "调整班次安排", "重新核定编制", "缩短审批时限", "压实属地责任"]
AIMS = ["减少停水时长", "降低吨公里成本", "摸清底数", "堵住漏洞", "稳定供应", "盘活存量资产", "避免重复建设", "缩小峰谷差", "提高一次验收合格率", "控制超概算风险", "改善职工食宿", "缓解早晚拥堵",
        "延长使用年限", "恢复蓄水能力", "保障汛期安全", "便于追溯来源", "平衡各片负荷", "腾出仓容三成", "消除监测盲区", "缩短应急到场时间"]
PEOPLE = ["分管副主任", "片区负责人", "驻点工程师", "值班长", "监理代表", "村支部书记", "财务主管", "调度员", "外聘顾问", "项目法人", "承包商", "供货方", "居民代表", "技术骨干", "退休老职工"]
VERBS = ["牵头", "会同有关方面", "配合", "督促", "委托", "协助", "逐级", "先行"]
STATUTES = [
    ("某省公共设施管理条例", "第十九条", "设施管理单位应当建立巡查制度，对发现的缺损及时修复，并在修复前设置明显的警示标志；巡查记录应当保存不少于三年，不得涂改、伪造或者擅自销毁"),
    ("某市预算资金使用办法", "第七条", "专项资金应当专款专用，任何单位和个人不得截留、挤占、挪用；年度结余应当按照规定缴回，确需结转的，应当说明理由并报财政部门批准"),
    ("某部档案保管规定", "第十一条", "保管期限届满的档案，应当由档案机构会同业务机构逐件鉴定，编制销毁清册，经负责人批准后由二人以上监销，并在清册上签字"),
    ("某省采购监督条例", "第二十四条", "采购人不得以不合理的条件对供应商实行差别待遇或者歧视待遇，不得将应当公开招标的项目化整为零，也不得以任何其他方式规避公开招标"),
    ("某市安全生产规定", "第三十二条", "发现重大隐患的，应当立即停止作业、撤出人员，在一小时内向主管部门报告；隐患消除并经复查合格后，方可恢复作业"),
]
OPENINGS = ["各处室、各直属单位：\n根据年度工作安排，现将有关事项通知如下，请结合实际认真贯彻执行。", "各有关单位：\n经研究同意，现将方案印发给你们，请遵照执行，执行中的问题请及时反馈。",
            "办公室：\n按照会议要求，我们对有关情况进行了梳理，现将结果报告如下，请予审阅。"]
CLOSINGS = ["特此通知。", "以上报告，请审示。", "请各单位于每月五日前将上月进展情况书面报送办公室，逾期未报的予以通报。", "本方案由办公室负责解释，自印发之日起施行。"]
FORM = "填报单位（盖章）：\n填报人：　　联系电话：　　填报日期：　　年　月　日\n序号　事项名称　责任单位　责任人　完成时限　进展情况　存在问题　下一步措施　备注\n" \
       "说明：本表一式两份，一份留存，一份于每季度末月二十五日前报办公室；没有进展的事项应当写明原因。"
NUMERALS = "一二三四五六七八九十"


def number(draw):
    return draw.choice([f"{draw.randint(2, 98)}", f"{draw.randint(1, 9)}.{draw.randint(1, 9)}万", f"{draw.randint(100, 9800)}", f"{draw.randint(3, 60)}余"])


def subject(draw):
    return draw.choice(PLACES) + draw.choice(["", "片区", "镇", "街道", "园区"]) + draw.choice(THINGS)


def clause(draw):
    pick = draw.choice
    return pick([
        lambda: f"{pick(PEOPLE)}{pick(VERBS)}对{subject(draw)}{pick(STEPS)}",
        lambda: f"{subject(draw)}{pick(['存在', '暴露出', '仍有'])}{pick(FAULTS)}、{pick(FAULTS)}的{pick(['问题', '情况', '苗头'])}",
        lambda: f"{draw.randint(1, 12)}月{draw.randint(1, 28)}日{pick(['前', '起', '以后'])}{pick(STEPS)}",
        lambda: f"{pick(['涉及', '覆盖', '完成', '压减'])}{number(draw)}{pick(['户', '处', '公里', '台（套）', '人次', '平方米', '笔', '份'])}",
        lambda: f"{pick(['以便', '从而', '重在', '力求'])}{pick(AIMS)}",
        lambda: f"{pick(OFFICES)}{pick(['负责', '承担', '牵头'])}{pick(STEPS)}，{pick(OFFICES)}{pick(['负责', '配合', '督办'])}{pick(STEPS)}",
        lambda: f"{pick(['经费', '物资', '人员', '场地'])}由{pick(PLACES)}{pick(OFFICES)}{pick(['统筹', '垫付', '调剂', '落实'])}",
        lambda: f"{pick(PEOPLE)}反映{pick(FAULTS)}，{pick(['拟', '已', '须', '建议'])}{pick(STEPS)}",
    ])()


def sentence(draw):
    return "，".join(clause(draw) for _ in range(draw.randint(2, 4))) + "。"


def quotation(draw):
    title, article, text = draw.choice(STATUTES)
    return f"根据《{title}》{article}的规定，{text}。"


def body(draw, paragraphs):
    lines = []
    for i in range(paragraphs):
        text = "".join(sentence(draw) for _ in range(draw.randint(4, 8)))
        if draw.random() < 0.2:
            text = quotation(draw) + text
        lines.append((f"{NUMERALS[i % 10]}、{subject(draw)}。" if draw.random() < 0.7 else "") + text)
    return lines


def paper(index):
    """The lines of a paper; the first is its mark."""
    draw = random.Random(f"paper {index}")
    level = draw.choice(["秘密★5年", "机密★10年", "机密★20年", "绝密★30年"])
    lines = [level, f"{draw.choice(PLACES)}发〔20{draw.randint(18, 26)}〕{draw.randint(1, 300)}号", f"关于{subject(draw)}有关事项的{draw.choice(['通知', '报告', '方案', '批复'])}"]
    lines += draw.choice(OPENINGS).split("\n") + body(draw, draw.randint(4, 10))
    if draw.random() < 0.3:
        lines += FORM.split("\n")
    lines += [draw.choice(CLOSINGS), f"{draw.choice(PLACES)}{draw.choice(OFFICES)}", f"20{draw.randint(18, 26)}年{draw.randint(1, 12)}月{draw.randint(1, 28)}日"]
    return lines


def letter(index):
    """The lines of a letter that holds no paper: the same forms, statutes, openings and closings, other words between."""
    draw = random.Random(f"letter {index}")
    lines = draw.choice(OPENINGS).split("\n") + body(draw, draw.randint(1, 6))
    if draw.random() < 0.4:
        lines += [f"《{title}》{article}：“{text}。”" for title, article, text in draw.sample(STATUTES, 2)]
    if draw.random() < 0.4:
        lines += FORM.split("\n")
    return lines + [draw.choice(CLOSINGS), f"{draw.choice(PLACES)}{draw.choice(OFFICES)}  联系电话：0{draw.randint(100, 999)}-{draw.randint(2000000, 8999999)}"]


def eml(lines, subject_text="letter"):
    head = f"From: a@unit.example\r\nTo: b@outside.example\r\nSubject: {subject_text}\r\nMIME-Version: 1.0\r\n" \
           "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return (head + "\r\n".join(lines) + "\r\n").encode()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--papers", type=int, default=0)
    parser.add_argument("--letters", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    for index in range(options.first, options.first + options.papers):
        (options.directory / f"paper-{index:05d}.txt").write_text("\n".join(paper(index)) + "\n", encoding="utf-8")
    for index in range(options.first, options.first + options.letters):
        (options.directory / f"letter-{index:05d}.eml").write_bytes(eml(letter(index)))


if __name__ == "__main__":
    main()
