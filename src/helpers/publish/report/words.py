"""What the report says itself, in both languages; what it says of the data comes from the data."""

from __future__ import annotations

from helpers.evidence.claims import VERDICTS, VERDICTS_ZH
from helpers.publish.ledger_views import MEANINGS
from helpers.publish.report.outputs import Outputs

_SECTIONS = {
    "0": ("Abstract", "摘要"),
    "1": ("1 Concept", "一、概念"),
    "2": ("2 Trends and position", "二、趋势与位次"),
    "3": ("3 Growth paths", "三、成长路径"),
    "4": ("4 Recommendations", "四、对策建议"),
}
GRADES = {
    "A": ("official: ministry, bureau, statute, exchange filing", "官方：部委、厅局、法规、交易所文件"),
    "B": ("named press, or a repost of an official text", "具名报刊，或官方文本的转载"),
    "C": ("aggregator or anonymous repost", "聚合网站或匿名转载"),
}  # fmt: skip


def verdict_name(outputs: Outputs, verdict: str) -> str:
    """A verdict in the study's language."""
    return outputs.t(verdict, VERDICTS_ZH.get(verdict, verdict))


def verdict_meaning(outputs: Outputs, verdict: str) -> str:
    """What a verdict means, in the study's language."""
    return outputs.t(VERDICTS[verdict], MEANINGS[verdict])


def section_name(outputs: Outputs, section: str) -> str:
    """A section of the study; an unknown one keeps its number."""
    return outputs.t(*_SECTIONS.get(section, (section, section)))


def title(outputs: Outputs) -> str:
    """Title of the report."""
    return outputs.t(
        f"SRDI firms in {outputs.place}: every claim tested",
        f"{outputs.place}“专精特新”企业：逐条检验",
    )


def question(outputs: Outputs) -> list[str]:
    """What the report asks, and how to read the answer: one paragraph each."""
    study = "《鞍山市“专精特新”企业培育与发展研究》"
    count = len(outputs.verdicts)
    asked = outputs.t(
        f"The study {study} describes how the city of Anshan raises its specialised, refined, distinctive and "
        f"innovative SMEs (专精特新). It makes {count} claims. Which of them do public figures bear out, which do "
        "they rule out, and which can nobody outside the offices check?",
        f"{study}论述鞍山市如何培育“专精特新”中小企业，可归纳为{count}条论断。"
        "其中哪些为公开数字所证实，哪些被排除，哪些在政府部门之外无从核对？",
    )
    here = outputs.t(
        f"The notebooks were run for {outputs.place}, {outputs.region}; little giants are counted on the basis "
        f"“{outputs.basis}”, batches 1 to {outputs.run['parameters'].get('through_batch', '')}.",
        f"本报告以{outputs.region}{outputs.place}为对象运行；“小巨人”企业按{outputs.basis}计数，"
        f"截至第{outputs.run['parameters'].get('through_batch', '')}批。",
    )
    read = outputs.t(
        "A verdict is computed from sourced figures, never typed. Where figures are missing, it says what every "
        "completion of the data would say. A number of verdicts is no mark for the study.",
        "判定一律由有据数字计算得出，不作人工填写；数字缺失时，判定说明一切可能的补全会怎样。各类判定的条数不是对原研究的评分。",
    )
    return [asked, here, read]


def failures(outputs: Outputs) -> list[str]:
    """Notebooks that did not finish, one sentence each."""
    return [
        outputs.t(
            f"Notebook {one.get('notebook', '')} did not finish ({one.get('cell', '')}: {one.get('error', '')}); "
            "its results are incomplete.",
            f"笔记本{one.get('notebook', '')}未运行完毕（{one.get('cell', '')}：{one.get('error', '')}），结果不完整。",
        )
        for one in outputs.run.get("failures", [])
    ]


def tally(outputs: Outputs) -> list[tuple[str, str, int, str]]:
    """Each verdict that occurs: as the ledger calls it, its name, how often, what it means."""
    counts = outputs.verdicts["verdict"].value_counts()
    return [
        (
            verdict,
            verdict_name(outputs, verdict),
            int(counts[verdict]),
            verdict_meaning(outputs, verdict),
        )
        for verdict in VERDICTS
        if verdict in counts
    ]


def summary(outputs: Outputs) -> str:
    """The count of claims by verdict as one sentence."""
    told = tally(outputs)
    english = ", ".join(f"{n} {'is' if n == 1 else 'are'} {name}" for _, name, n, _ in told)
    chinese = "，".join(f"{name}{n}条" for _, name, n, _ in told)
    count = len(outputs.verdicts)
    return outputs.t(f"Of {count} claims {english}.", f"{count}条论断中，{chinese}。")
