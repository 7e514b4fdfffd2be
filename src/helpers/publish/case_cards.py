"""A card for each firm: who it is, what is said of it, what is on record, how it was coded."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from html import escape
from typing import Any

import pandas as pd

from helpers.analysis.paths import Casebook
from helpers.evidence.tables import split_ids
from helpers.publish.case_words import in_words, label
from helpers.publish.figures import COLOURS
from helpers.publish.firm_cases import DOCUMENTATION_COLOURS
from helpers.publish.teller import Teller

_CELL = "text-align:left;vertical-align:top;padding:1px 8px 1px 0"
_WORDS = {
    "name": ("Name in the study", "原研究中的名称"), "record": ("Name on record", "公开记录中的名称"),
    "working": ("Working name", "拉丁字母工作名"), "district": ("District", "区县"),
    "product": ("Product", "产品"), "owner": ("Owner on record", "所有者"),
    "founded": ("Founded", "成立"), "title": ("Title on record", "认定"),
    "path": ("Path", "路径"), "none": ("none", "无"), "caveat": ("Caveat", "说明"),
    "says": ("Statement", "陈述"), "grade": ("Grade", "佐证"),
    "shows": ("Public records show", "公开记录所示"), "near": ("Nearby records", "旁证"),
    "sources": ("Sources", "来源"), "dated": ("Dated", "日期"), "event": ("Event", "事件"),
    "condition": ("Condition", "条件"), "coded": ("Coded", "编码"), "basis": ("Basis", "依据"),
    "blank": ("not found", "未查到"), "disputed": ("accounts differ", "说法不一"),
    "whose": ("About", "主体"), "amount": ("Amount", "金额"), "source_grade": ("Grade of source", "来源等级"),
    "itself": ("the firm", "本企业"), "predecessor": ("a predecessor", "前身"),
    "founder": ("a founder", "创办人"), "older": ("a predecessor on record by", "前身至迟见于"),
    "10k_cny": ("× 10,000 CNY", "万元"), "100m_cny": ("× 100 million CNY", "亿元"),
    "10k_usd": ("× 10,000 USD", "万美元"), "cny_per_share": ("CNY per share", "元/股"),
}  # fmt: skip


def _word(key: str, study: Teller) -> str:
    return str(study.t(*_WORDS[key]))


def _text(cell: object, empty: str = "") -> str:
    return empty if pd.isna(cell) else escape(str(cell))


def _chip(grade: str, study: Teller) -> str:
    return (
        f'<span style="background:{DOCUMENTATION_COLOURS[grade]};color:{COLOURS["ink"]};padding:0 5px;white-space:nowrap;'
        f'border-radius:3px">{escape(label(grade, study.language))}</span>'
    )


def _ids(study: Teller, *cells: object) -> str:
    """Source ids in cells, none of them broken over two lines."""
    return str(study.t(", ", "、")).join(
        f'<span style="white-space:nowrap">{escape(part)}</span>'
        for cell in cells
        for part in split_ids(cell)
    )


def _grid(heads: list[str], rows: list[list[str]]) -> str:
    """Cells must be escaped already; a column without any text is left out."""
    kept = [column for column in range(len(rows[0])) if any(row[column] for row in rows)]
    rows = [[row[column] for column in kept] for row in rows]
    names = [heads[column] for column in kept] if heads else []
    head = "".join(f'<th style="{_CELL};border-bottom:1px solid #999">{h}</th>' for h in names)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    head = f"<tr>{head}</tr>" if head else ""
    return f'<table style="border-collapse:collapse;margin:4px 0">{head}{body}</table>'


def _identity(firm: pd.Series, founded: str, study: Teller) -> str:
    t, blank = study.t, _word("blank", study)
    facts = [
        ("path", _text(firm.get("route"), _word("none", study))),
        ("name", _text(firm["name_study_zh"], _word("none", study))),
        ("record", _text(firm["name_record_zh"], blank)),
        ("working", _text(firm["name_en"])),
        ("district", _text(firm["district"], blank)),
        ("product", _text(firm[t("product_en", "product_zh")], blank)),
        ("owner", _text(firm[t("owner_en", "owner_zh")], blank)),
        ("founded", _text(firm["founded"], founded)),
        ("title", escape(label(str(firm["recognition"]), study.language))),
        ("caveat", _text(firm[t("note_en", "note_zh")])),
        ("sources", escape(study.cite(firm["source_id"]))),
    ]
    bold = '<b style="white-space:nowrap">'
    return _grid([], [[f"{bold}{_word(key, study)}</b>", text] for key, text in facts if text])


def _said(statements: pd.DataFrame, study: Teller) -> str:
    heads = [_word(key, study) for key in ("says", "grade", "shows", "near", "sources")]
    rows = [
        [
            _text(row[study.t("statement_en", "statement_zh")]),
            _chip(row["documentation"], study),
            _text(row[study.t("found_en", "found_zh")], _word("blank", study)),
            _text(row[study.t("context_en", "context_zh")]),
            _ids(study, row["source_id"], row["context_source_ids"]),
        ]
        for row in statements.to_dict("records")
    ]
    return _grid(heads, rows) if rows else ""


def _founded(events: pd.DataFrame, study: Teller) -> str:
    """Founding dates of a firm without an agreed one, with what is known of a predecessor."""
    own = events[(events["event_type"] == "founding") & events["about"].isna()]
    dates = sorted(dict.fromkeys(own["date"]))
    told = study.t("; ", "；").join(dates) or _word("blank", study)
    if len(dates) > 1:
        told = f"{_word('disputed', study)}{study.t(': ', '：')}{told}"
    older = events.loc[events["about"] == "predecessor", "date"]
    if older.empty:
        return told
    return (
        told
        + str(study.t("; ", "；"))
        + _word("older", study)
        + str(study.t(" ", ""))
        + older.min()
    )


def _amount(row: Mapping[Hashable, Any], study: Teller) -> str:
    """Amount and unit as printed, empty where there is none."""
    if pd.isna(row["amount"]):
        return ""
    value = f"{row['amount']:,.2f}".rstrip("0").rstrip(".")
    return value + str(study.t(" ", "")) + _word(row["unit"], study)


def _events(events: pd.DataFrame, study: Teller) -> str:
    keys = ("dated", "whose", "event", "amount", "source_grade", "sources")
    heads = [_word(key, study) for key in keys]
    rows = [
        [
            escape(row["date"]),
            _word("itself" if pd.isna(row["about"]) else row["about"], study),
            _text(row[study.t("event_en", "event_zh")]),
            _amount(row, study),
            escape(row["grade"]),
            _ids(study, row["source_id"]),
        ]
        for row in events.sort_values("date", kind="stable").to_dict("records")
    ]
    return _grid(heads, rows) if rows else ""


def _coded(conditions: pd.DataFrame, study: Teller) -> str:
    heads = [_word(key, study) for key in ("condition", "coded", "basis")]
    known = conditions[conditions["value"].notna()]
    rows = [
        [
            escape(label(row["condition"], study.language)),
            escape(label(str(row["value"]).lower(), study.language)),
            _text(row[study.t("basis_en", "basis_zh")]),
        ]
        for row in known.to_dict("records")
    ]
    return _grid(heads, rows) if rows else ""


class CaseCards:
    """The cards of a casebook, shown in a notebook one below the other.

    Parameters
    ----------
    study : Teller
    book : Casebook
    """

    def __init__(self, study: Teller, book: Casebook) -> None:
        self.study = study
        self.book = in_words(study, book)

    def __repr__(self) -> str:
        return f"{len(self.book.firms)} cards: {', '.join(self.book.firms['firm'])}"

    def card(self, firm: pd.Series) -> str:
        """One card as HTML; every firm has the same parts, a part without rows is left out.

        Parameters
        ----------
        firm : Series
            Row of the firms of `book` with route besides, missing where the firm has no path.

        Returns
        -------
        str
        """
        book, study, key = self.book, self.study, firm["firm_id"]
        own = [
            frame[frame["firm_id"] == key]
            for frame in (book.statements, book.events, book.conditions)
        ]
        grades = own[0]["documentation"].value_counts(sort=False)
        tally = study.t(", ", "、").join(
            f"{label(str(word), study.language)} {n}" for word, n in grades.items()
        )
        full = firm[study.t("name_en", "name_study_zh")]
        head = f"<b>{_text(firm['firm'])}</b> · {_text(full, _text(firm['name_record_zh']))}"
        return (
            '<details style="border:1px solid #bbb;border-radius:4px;padding:4px 10px;'
            f'margin:4px 0"><summary>{head} · {_text(firm.get("route"), _word("none", study))}'
            f"{' · ' + escape(tally) if tally else ''}</summary>"
            + _identity(firm, _founded(own[1], study), study)
            + _said(own[0], study) + _events(own[1], study) + _coded(own[2], study)
            + "</details>"
        )  # fmt: skip

    def _repr_html_(self) -> str:
        routes = self.book.cases.set_index("firm_id")["route"]
        firms = self.book.firms.assign(route=self.book.firms["firm_id"].map(routes))
        order = [*self.book.cases["firm_id"], *firms.loc[firms["route"].isna(), "firm_id"]]
        cards = [
            self.card(row)
            for _, row in firms.set_index("firm_id", drop=False).loc[order].iterrows()
        ]
        if cards:
            cards[0] = cards[0].replace("<details", "<details open", 1)
        return "".join(cards)
