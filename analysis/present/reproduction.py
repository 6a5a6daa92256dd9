"""The reproduction chapter: published beside computed, the audit, and the claims.

Nothing is shown in a school's report, nor where the study has no published figures. Everything here is made from released results and from what was printed. Where the release
withholds a number, its comparison is withheld too: beside the printed figure, "match" would be
the number. Published figures are shown as parts of the unit ``published``, with their own ids;
what was derived from several results, or counted here, as parts of the unit ``reproduction``.
:func:`expected` says what each of these must read, for the test that compares every number
shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from analysis import claims as claiming
from analysis import reproduction as reproducing
from analysis.audit.check import INCONSISTENT, UNTESTABLE
from analysis.claims import Claims, Verdict
from analysis.claims.document import KIND_LABELS
from analysis.disclosure import RELEASED
from analysis.language import N_, gettext, sentence
from analysis.present.page import Page, ProgrammeRows, escaped_mark, part
from analysis.present.shown import (
    NOT_AVAILABLE,
    WITHHELD,
    Cell,
    Each,
    Part,
    Table,
    Text,
    each,
    escaped,
    p_text,
    table,
)
from analysis.reproduction import CLASSES, EXPLAINED, MATCH, UNEXPLAINED, Compared, Published
from analysis.reproduction.determined import LOGIC, NOT_DETERMINED, SEEDS, Determined, by_figures
from analysis.reproduction.printed_checks import checked
from analysis.reproduction.published import CLASS_LABELS
from analysis.results import COHORT
from analysis.words import slug

PUBLISHED = "published"
REPRODUCTION = "reproduction"
#: What a match shows, of made-up data and of real ones.
MADE_UP = N_(
    "**A match shows that a figure is arithmetically possible with such "
    "data. It does not show that the figure is true, nor that the real "
    "answers looked like these:** they were made so that the printed figures "
    "come out."
)
REAL = N_(
    "**A match shows that a figure follows from these data by the method "
    "described here.** It does not show that the method is the right one, "
    "nor that the answers are true."
)
STATISTICS = {
    "mean": N_("mean"),
    "sd": "SD",
    "t": "t",
    "p": "p",
    "df": "df",
    "n": N_("number"),
    "n_schools": N_("schools"),
    "n_people": N_("people"),
    "n_total": N_("people asked"),
    "n_people_min_per_school": N_("people per school, at least"),
    "n_people_claim": N_("people"),
    "percent": "%",
    "percent_claim": N_("share"),
    "significant": N_("beyond chance"),
    "claim": N_("statement"),
    "start_date": N_("from"),
    "end_date": N_("to"),
    "rank_from_highest": N_("rank from the top"),
    "rank_from_lowest": N_("rank from the bottom"),
    "p_bh": N_("p, corrected"),
    "approx": N_("about"),
    "year": N_("year"),
    "people": N_("people"),
    "schools": N_("schools"),
    "plans": N_("plans"),
    "aims": N_("aims"),
    "count": N_("count"),
    "difference": N_("difference"),
    "favourable": N_("favourable"),
    "yes": N_("yes"),
    "no": N_("no"),
    "dont_know": N_("dont know"),
}
#: Whom a survey counts, by the measures of its questions on response.
COUNTED = {"responded": N_("responded"), "matched": N_("matched")}
#: Deciding numbers shown for one claim; some rest on dozens.
MOST_NUMBERS = 4
DECIMALS = {"count": 0, "people": 0, "schools": 0, "plans": 0, "n": 0, "rank": 0, "df": 0}
SHARES = ("percent", "favourable", "neutral", "unfavourable", "yes", "no", "dont_know")


@dataclass(frozen=True)
class Opened:
    """What the chapter shows, worked out once for a page; without figures ``published`` is None."""

    page: Page
    published: Published | None
    compared: tuple[Compared, ...]
    claims: Claims | None
    verdicts: tuple[Verdict, ...]
    determined: Mapping[str, Determined]
    audit: pd.DataFrame

    @property
    def rows(self) -> Mapping[tuple[str, str], dict[str, Any]]:
        """The released rows by unit and id."""
        return self.page.rows


def opened(page: Page) -> Opened:
    """Compare everything that is published with what is released.

    Raises
    ------
    AnalystError
        If the study's files on what was published, or its claims, are not as they should be.
    """
    published = None if page.is_school else reproducing.load(page.study)
    claims = None if page.is_school else claiming.load(page.study)
    rows = ProgrammeRows(page.rows)
    compared: Sequence[Compared] = ()
    determined: list[Determined] = []
    audit = pd.DataFrame()
    if published is not None:
        compared = reproducing.compare(published, rows, page.study, claims)
        audit = checked(published)
        if claims is not None:
            determined = by_figures(claims, published)
    return Opened(
        page=page,
        published=published,
        compared=tuple(compared),
        claims=claims,
        verdicts=tuple(claiming.verdicts(claims, rows)) if claims is not None else (),
        determined={each.claim: each for each in determined},
        audit=audit,
    )


def summary(shown: Opened) -> Text | None:
    """How many figures match, and what a match does and does not show."""
    if shown.published is None:
        return None
    counts = _totals(shown)
    return Text(
        [
            gettext(
                "Of the {figures} figures that the published report prints, {same} come out the "
                "same at the decimals printed. {other} do not, or cannot be compared, and each has "
                "its reason. {withheld} rest on numbers that this report withholds. They were "
                "compared before the release, and the outcome stays with the analysts: beside a "
                "printed figure the word match would give the number away. {unexplained} are left "
                "without explanation.",
                figures=counts["figures"],
                same=counts[MATCH],
                other=counts[EXPLAINED],
                withheld=counts["withheld"],
                unexplained=counts[UNEXPLAINED],
            ),
            "\n\n",
            gettext(MADE_UP if shown.page.study.is_synthetic else REAL),
        ]
    )


def counts(shown: Opened) -> Table | None:
    """Figures by class, and what became of them."""
    if shown.published is None:
        return None
    found = reproducing.summary(shown.compared)
    rows: list[list[Cell]] = []
    for kind in CLASSES:
        states = found[kind]
        cells: list[Cell] = [gettext(CLASS_LABELS[kind]).capitalize()]
        cells.append(_count(f"{kind}.figures", sum(states.values())))
        cells += [
            _count(f"{kind}.{state}", states[state])
            for state in (MATCH, EXPLAINED, reproducing.WITHHELD, UNEXPLAINED)
        ]
        rows.append(cells)
    return table(
        [
            gettext("Class"),
            gettext("Figures"),
            gettext("Match"),
            gettext("Reason given"),
            gettext("Withheld"),
            gettext("Unexplained"),
        ],
        rows,
        widths=[34, 10, 10, 14, 12, 14],
        caption=gettext("Published figures by class, and what became of them"),
        look=gettext("Each published figure is in one class. Look first at the last column."),
    )


def sections(shown: Opened) -> Each | None:
    """Every published figure with what was computed, section by section."""
    if shown.published is None:
        return None
    return each(
        {name: _section(shown, name, label) for name, label in shown.published.sections.items()}
    )


def _section(shown: Opened, section_id: str, label: str) -> Table | None:
    rows: list[list[Cell]] = []
    for one in shown.compared:
        if one.figure.section != section_id:
            continue
        figure = one.figure
        rows.append(
            [
                escaped(figure.label),
                escaped(_words(figure.group)),
                escaped("" if figure.wave == "-" else figure.wave),
                escaped(_statistic(shown.page, figure.statistic)),
                _printed(one),
                _computed(shown, one),
                gettext(one.state),
            ]
        )
    return table(
        [
            gettext("Figure"),
            gettext("Group"),
            gettext("Wave"),
            gettext("What"),
            gettext("Published"),
            gettext("Computed"),
            gettext("Outcome"),
        ],
        rows,
        widths=[38, 16, 9, 16, 12, 12, 12],
        caption=gettext("{section}: published and computed", section=escaped(label)),
        look=gettext(
            "Read each row from what was printed to what comes out. The last column "
            "says whether the two agree."
        ),
        text_columns=4,
    )


def reasons(shown: Opened) -> Table | None:
    """The reasons of the figures that do not match or cannot be compared, by section."""
    if shown.published is None:
        return None
    found: dict[tuple[str, str], list[str]] = {}
    for one in shown.compared:
        if one.state == EXPLAINED:
            figure = one.figure
            words = [figure.label, _words(figure.group), "" if figure.wave == "-" else figure.wave]
            words.append(_statistic(shown.page, figure.statistic))
            name = ", ".join(dict.fromkeys(word for word in words if word))
            found.setdefault((figure.section, one.reason), []).append(name)
    rows: list[list[Cell]] = [
        [
            escaped(shown.published.sections[section_id]),
            escaped("; ".join(dict.fromkeys(names))),
            escaped(reason),
        ]
        for (section_id, reason), names in found.items()
    ]
    return table(
        [gettext("Section"), gettext("Figures"), gettext("Reason")],
        rows,
        widths=[22, 40, 52],
        caption=gettext("Why figures do not match, or cannot be compared"),
        look=gettext("One reason stands for all the figures of its row."),
        text_columns=3,
    )


def audit_counts(shown: Opened) -> Table | None:
    """The checks of the printed statistics by kind, and their verdicts."""
    if shown.published is None or shown.audit.empty:
        return None
    kinds = shown.audit["check"].map(_kind_of_check)
    rows: list[list[Cell]] = []
    for kind in dict.fromkeys(kinds):
        verdicts = shown.audit.loc[kinds == kind, "verdict"]
        rows.append(
            [
                gettext(CHECKS[kind]) if kind in CHECKS else kind,
                *(
                    _count(f"audit.{kind}.{word.replace(' ', '_')}", int((verdicts == word).sum()))
                    for word in ("consistent", INCONSISTENT, UNTESTABLE)
                ),
            ]
        )
    return table(
        [gettext("Check"), gettext("Consistent"), gettext("Inconsistent"), gettext("Not testable")],
        rows,
        widths=[50, 14, 14, 14],
        caption=gettext("Checks of the printed statistics that need no data"),
        look=gettext(
            "A printed statistic is inconsistent where it contradicts itself, "
            "whatever the data were."
        ),
    )


def audit_findings(shown: Opened) -> Table | None:
    """The printed statistics that contradict themselves, with the arithmetic."""
    if shown.published is None or shown.audit.empty:
        return None
    rows: list[list[Cell]] = [
        [
            escaped(_words(str(row.id))),
            _check_words(str(row.check)),
            escaped(str(row.reason)),
            gettext("yes") if row.decision else gettext("no"),
        ]
        for row in shown.audit[shown.audit["verdict"] == INCONSISTENT].itertuples()
    ]
    return table(
        [
            gettext("Statistic"),
            gettext("Check"),
            gettext("What is wrong"),
            gettext("Changes a conclusion"),
        ],
        rows,
        widths=[24, 26, 50, 14],
        caption=gettext("Printed statistics that contradict themselves"),
        look=gettext("The last column says whether a conclusion would be another one."),
        text_columns=4,
    )


def claims(shown: Opened, *, findings: bool = False) -> Table | None:
    """Each claim: whether the printed figures decide it, and what the data say.

    With ``findings``, only the key findings, with the reason why a contradicted one is kept.
    """
    if shown.claims is None:
        return None
    rows: list[list[Cell]] = []
    for verdict in shown.verdicts:
        claim = verdict.claim
        if claim.text or (findings and not claim.finding):
            continue
        why = f"{verdict.reason} {claim.made_so}".strip()
        if findings and claim.stays and verdict.state == claiming.CONTRADICTED:
            why = claim.stays
        row: list[Cell] = [
            f"**{escaped(claim.id)}** {escaped(claim.sentence)}",
            gettext(KIND_LABELS[claim.kind]),
            _by_figures(shown.determined.get(claim.id)),
            escaped(gettext(verdict.state)),
            _with_reason(_deciding(shown, verdict), why),
        ]
        rows.append(row[:1] + row[2:] if findings else row)
    columns = [
        gettext("Claim, in our words"),
        gettext("Kind"),
        gettext("Printed figures"),
        gettext("These data"),
        gettext("What decides"),
    ]
    widths = [40, 14, 16, 14, 40]
    kinds = gettext(
        "Kinds: a level, a change, a difference between groups, a count, or that there is no "
        "difference."
    )
    printed = gettext(
        "Printed figures: whether they decide the claim, by logic or by the same verdict over many "
        "synthetic studies that all give these figures."
    )
    these = gettext(
        N_("These data: what the synthetic data say, which is no evidence about the real schools.")
        if shown.page.study.is_synthetic
        else N_("These data: what the data of this study say.")
    )
    return table(
        columns[:1] + columns[2:] if findings else columns,
        rows,
        widths=widths[:1] + widths[2:] if findings else widths,
        caption=gettext("Key findings of the published report, and what the data say")
        if findings
        else gettext("Claims of the published report, and what decides them"),
        look=gettext(
            "A claim may be open by what was printed, and yet have a verdict by these data."
        ),
        text_columns=4 if findings else 5,
        note=" ".join([*([] if findings else [kinds]), printed, these]),
    )


def own_claims(shown: Opened) -> Table | None:
    """The sentences of the study's own texts that were checked, and what the data say of them."""
    if shown.claims is None:
        return None
    rows: list[list[Cell]] = [
        [
            escaped(_words(PurePosixPath(verdict.claim.text).stem).capitalize()),
            escaped(verdict.claim.sentence),
            escaped(gettext(verdict.state)),
            _with_reason(
                _deciding(shown, verdict),
                f"{verdict.reason} {verdict.claim.stays}".strip(),
            ),
        ]
        for verdict in shown.verdicts
        if verdict.claim.text
    ]
    return table(
        [
            gettext("Text"),
            gettext("What this report says"),
            gettext("These data"),
            gettext("What decides"),
        ],
        rows,
        widths=[16, 44, 14, 40],
        caption=gettext("Sentences of this report's own texts, and what the data say"),
        look=gettext(
            "The last two columns say what the data hold against each sentence, and what decides."
        ),
        text_columns=4,
    )


def claims_summary(shown: Opened) -> Text | None:
    """How many claims the printed figures decide, and which way."""
    if shown.claims is None:
        return None
    counted = _claim_counts(shown)
    return Text(
        [
            gettext(
                "The printed figures decide {decided} of {all} claims of "
                "the published report: they support {supported} and contradict "
                "{contradicted}. The rest are not determined by the printed "
                "figures: data with these very figures could bear them out or not.",
                decided=counted["claims.decided"],
                all=counted["claims.all"],
                supported=counted["claims.supported"],
                contradicted=counted["claims.contradicted"],
            ),
        ]
    )


def expected(shown: Opened) -> dict[tuple[str, str, str], str]:
    """What every part that is not of the ledger must read, by unit, id and field."""
    found: dict[tuple[str, str, str], str] = {}
    for one in shown.compared:
        found[PUBLISHED, one.figure.id, "value"] = one.figure.value
        found[REPRODUCTION, one.figure.id, "computed"] = one.computed
    numbers: dict[str, int] = {}
    if shown.published is not None:
        numbers |= _totals(shown)
        for kind, states in reproducing.summary(shown.compared).items():
            numbers[f"{kind}.figures"] = sum(states.values())
            numbers |= {f"{kind}.{state}": count for state, count in states.items()}
        kinds = shown.audit["check"].map(_kind_of_check)
        for check in dict.fromkeys(kinds):
            for word in ("consistent", INCONSISTENT, UNTESTABLE):
                same = (kinds == check) & (shown.audit["verdict"] == word)
                numbers[f"audit.{check}.{word.replace(' ', '_')}"] = int(same.sum())
    if shown.claims is not None:
        numbers |= _claim_counts(shown)
    found |= {(REPRODUCTION, f"summary.{name}", "count"): str(n) for name, n in numbers.items()}
    return found


CHECKS = {
    "p": N_("p from the statistic and its degrees of freedom"),
    "df": N_("degrees of freedom from the number of pairs"),
    "range": N_("mean within the range of answers"),
    "grim": N_("mean from whole answers (GRIM)"),
    "grimmer": N_("SD from whole answers (GRIMMER)"),
    "limits": N_("SD within what mean and range allow"),
    "sample": N_("a sample with this mean and SD (SPRITE)"),
    "percent": N_("percentage from its number"),
    "parts": N_("total from its parts"),
    "correlation": N_("correlation that a paired test allows"),
}


def _check_words(check: str) -> str:
    """A check for readers, as Markdown."""
    kind = _kind_of_check(check)
    return gettext(CHECKS[kind]) if kind in CHECKS else escaped(check)


def _kind_of_check(check: str) -> str:
    return check.split(" ")[0]


def _count(name: str, count: int) -> Part:
    return Part(f"{count}", REPRODUCTION, f"summary.{name}", "count", 0)


def _totals(shown: Opened) -> dict[str, int]:
    states = [each.state for each in shown.compared]
    found = {state: states.count(state) for state in (MATCH, EXPLAINED, UNEXPLAINED)}
    return found | {"figures": len(states), "withheld": states.count(reproducing.WITHHELD)}


def _claim_counts(shown: Opened) -> dict[str, int]:
    verdicts = [each.verdict for each in shown.determined.values()]
    supported = verdicts.count(claiming.SUPPORTED)
    contradicted = verdicts.count(claiming.CONTRADICTED)
    return {
        "claims.all": len(shown.determined),
        "claims.decided": supported + contradicted,
        "claims.supported": supported,
        "claims.contradicted": contradicted,
    }


def _printed(each: Compared) -> Cell:
    decimals = len(each.figure.value.split(".")[1]) if "." in each.figure.value else 0
    return Part(each.figure.value, PUBLISHED, each.figure.id, "value", decimals)


def _computed(shown: Opened, each: Compared) -> Cell:
    if each.state == reproducing.WITHHELD:
        return escaped_mark(WITHHELD)
    if not each.computed:
        return escaped_mark(NOT_AVAILABLE)
    row = shown.rows.get((COHORT, each.ledger_id))
    decimals = len(each.computed.split(".")[1]) if "." in each.computed else 0
    if row is None or row["release"] != RELEASED or each.computed in ("yes", "no"):
        return Part(each.computed, REPRODUCTION, each.figure.id, "computed", decimals)
    found = part(row, decimals)
    if each.figure.statistic == "p":
        return replace(found, text=p_text(float(row["value"])), decimals=3)
    return found


def _by_figures(found: Determined | None) -> str:
    if found is None or found.by == NOT_DETERMINED:
        return gettext("not determined")
    said = {
        LOGIC: N_("{verdict}, by logic"),
        SEEDS: N_("{verdict}, by seeds"),
    }[found.by]
    return gettext(said, verdict=gettext(found.verdict))


def _with_reason(pieces: list[str | Part], why: str) -> Cell:
    sentence = why[:1].upper() + why[1:]
    if pieces and why:
        return [*pieces, ". ", escaped(sentence)]
    return pieces or escaped(sentence)


def _deciding(shown: Opened, verdict: Verdict) -> list[str | Part]:
    if verdict.state == claiming.WITHHELD:
        # What is released of them would not decide it, and might be taken to.
        return []
    pieces: list[str | Part] = []
    for number in verdict.numbers[:MOST_NUMBERS]:
        row = shown.rows.get((COHORT, number.id))
        if row is None:
            continue
        decides = _deciding_number(row, number.field)
        said: list[str | Part] = [escaped(_name(shown.page, row, number.field)), " ", decides]
        if number.field == "denominator":
            said = sentence("out of {number}", number=decides)
        pieces += ["; " if pieces else "", *said]
    if len(verdict.numbers) > MOST_NUMBERS:
        pieces += ["; ", gettext("and others")]
    return pieces


def _deciding_number(row: dict[str, Any], field: str) -> Part:
    statistic = str(row["statistic"])
    decimals = 1 if statistic in SHARES else DECIMALS.get(statistic, 2)
    found = part(row, 0 if field == "denominator" else decimals, field)
    if statistic.split("_")[0] == "p" and field == "value" and row["release"] == RELEASED:
        return replace(found, text=p_text(float(row["value"])), decimals=3)
    return found


def _name(page: Page, row: Mapping[str, Any], field: str) -> str:
    wave = str(row["wave"]).upper()
    waves = wave if set(wave.split("-")) <= set(page.study.wave_ids) else ""
    group = "" if row["group"] == "all" else str(row["group"])
    ends = {"ci_low": gettext("lower end"), "ci_high": gettext("upper end")}
    what = str(row["statistic"]) if field == "value" else ends.get(field, field)
    parts = (_measure(page, row), waves, _words(group), _statistic_words(what))
    return " ".join(each for each in parts if each)


def _measure(page: Page, row: Mapping[str, Any]) -> str:
    """What was measured, as readers know it: a scale, an item, a code."""
    measure = str(row["measure"])
    instrument = page.instruments.get(str(row["instrument"]))
    if instrument is not None:
        labels = {score: instrument.score_label(score) for score in instrument.scores}
        labels |= {item.code.lower(): item.label for item in instrument.items}
        return labels.get(measure, _words(measure))
    if row["source"] in ("interviews", "action_plans") and "codebook" in page.documents:
        codes = page.codes.itertuples()
        labels = {slug(str(code.id)): str(code.label) for code in codes}
        return labels.get(measure, _words(measure))
    if row["source"] == "facilitators" and "facilitator_questions" in page.documents:
        labels = {
            f"{question['id']}-{option['id']}".lower(): f"{question['label']}, {option['label']}"
            for question in page.documents["facilitator_questions"]["questions"]
            for option in question.get("options") or []
        }
        return labels.get(measure, _words(measure))
    return gettext(COUNTED[measure]) if measure in COUNTED else _words(measure.replace("-", " "))


def _statistic(page: Page, name: str) -> str:
    """A printed statistic in words; numbers of a population's people are numbers of people."""
    for population in page.study.populations:
        counted = f"n_{population.id}"
        if name == counted or name.startswith(f"{counted}_"):
            name = f"n_people{name.removeprefix(counted)}"
    return _statistic_words(name)


def _statistic_words(name: str) -> str:
    return gettext(STATISTICS[name]) if name in STATISTICS else _words(name)


def _words(text: str) -> str:
    return "" if text == "-" else text.replace("_", " ")
