"""Chapters: templates expanded for one report, and cut to what it has to show.

The templates are ``report/*.qmd``, in Jinja2 with marks that Markdown and Quarto do not use:
``[[ value ]]``, ``[% for survey in surveys %]`` and ``[#-- a remark --#]``. They know

``surveys``
    The study's surveys, each with ``id``, ``label``, ``people`` (the plural noun), ``minimum`` (of
    people whose results are shown), ``groups`` (the characteristics that its people are compared
    by), ``gaps`` (those of them whose gap the study follows) and ``instruments``; of these each has ``id``, ``name``,
    ``short`` and the number of its ``scores``. Groups have ``id`` and ``label``. A chapter made for each survey knows
    its ``survey``.
``for_children``
    Of these, the surveys of children that a school's report can show a page of their own of.
``shows_scores``
    Whether any score of the unit is shown.
``letter``
    Whether a school's report ends with a letter to parents: the study asks for one, and there are
    answers to tell of.
``themes``
    The codebook's themes, each with ``id`` and ``label``.
``apart``
    The groups of interviewees that the study counts by themselves, each with ``id`` and ``label``.
``strands``
    Which sources of evidence the study has: see :mod:`analysis.publish.strands`.
``others``
    Whom a school's report sets it beside ("other primary schools"); nothing if none.
``comparison``
    Whether the study has comparison schools.
``corrects``
    The number of the publication of this edition that the report corrects; nothing if none.
``unit``, ``population_note``
    The unit's id, and whom the study says that results describe.
``show(label, survey, instrument)``
    What the notebooks' cell of this label put out for the survey and the instrument, where it asks
    about them. For a cell that shows one thing for each of several, the last argument is which, or
    ``"*"`` for all.
``ref(label, survey, instrument)``
    A reference to it, such as ``@tbl-level-parents-trust``. Where it stands in another document of
    the programme, a link to that document takes its place: see :mod:`analysis.publish.linking`.
``refs(label, survey, several)``
    References to it for each of several, those for which it put out anything: "@tbl-a and @tbl-b".
``documents``
    The programme's documents that the study has, each with ``id``, ``label``, ``name`` (as inside a
    sentence) and a ``link``. Each knows which it is: ``document``.
``objectives``
    What the programme set out to do, in the study's words.
``findings``
    What page one of the programme's report may name: each with ``id``, and ``where``, a reference to
    the section that it is about.
``references``
    Whether the study has a ``texts/references.bib``.
``gettext(message, **fields)``
    Words of the template in the language of the report: Markdown, with data for its fields.
``fewest``
    Of how many people of each survey nothing is shown.
``languages``
    The other languages that a school's report is in, each with its name (``label``) and a ``link``.
``first_items(name, number)``
    The first entries of the list in the analyst's ``texts/<name>.md``.
``text(name)``
    The analyst's ``texts/<name>.md`` of the study folder, or nothing where there is none. In it,
    ``{result:ID}`` is a result (:mod:`analysis.present.named_results`), and ``{show:label about …}`` what
    the cell of this label put out, as ``show`` gives it to a template.

The programme has several documents (:data:`DOCUMENTS`), each a book of its own; a chapter belongs to
one of them, and a subject may have a chapter in several.

What has no data is not shown: a cell without output leaves no hole, nor does a section or a chapter
that would have shown nothing else, and a paragraph that refers to what is not there goes with it.
Both renderers read what comes out of this, and errors in it name the analyst's own file and line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

import jinja2

from analysis import handwritten, resources
from analysis.disclosure.texts import CORRECTION
from analysis.errors import AnalystError
from analysis.language import ENGLISH, N_, gettext, listed, now, own_name, spoken
from analysis.places import inside as place
from analysis.present import asked, named_results, qualitative
from analysis.present.page import Page
from analysis.present.qualitative import theme_key, themes_of
from analysis.present.shown import Part, escaped
from analysis.publish import cutting, linking, strands
from analysis.publish.builtin.dialect import ELSEWHERE
from analysis.publish.cutting import NOTHING, Cells, Lines, Origin
from analysis.publish.leads import led
from analysis.publish.notebooks import labels
from analysis.study import Study, at
from analysis.words import inside, slug

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

#: Where expanded chapters stand in a project; git ignores it.
FOLDER = "chapters"
#: Where templates stand.
TEMPLATES = "report"
SUMMARY, SURVEY, SCHOOL = "summary", "survey", "school"
#: The first page of a programme's report.
INDEX = "index.md"


@dataclass(frozen=True)
class Document:
    """A document of the programme: its folder among the reports, its title, and its first page.

    ``name`` is what it is called inside a sentence.
    """

    id: str
    label: str
    name: str
    first: str


PROGRAMME = Document("programme", N_("Evaluation report"), N_("the evaluation report"), SUMMARY)
TECHNICAL = Document("technical", N_("Technical report"), N_("the technical report"), "technical")
REPRODUCTION = Document(
    "reproduction", N_("Reproduction report"), N_("the reproduction report"), "published"
)
#: The programme's documents, in the reader's order.
DOCUMENTS = (PROGRAMME, TECHNICAL, REPRODUCTION)


@dataclass(frozen=True)
class Template:
    """A chapter of one of the programme's documents.

    ``name`` is its subject, by which a study's own list names it; ``strands`` are those of which
    it needs one, if any; ``file`` is the template, where it is not called as the subject is.
    """

    name: str
    strands: tuple[str, ...] = ()
    document: Document = PROGRAMME
    file: str = ""

    @property
    def template(self) -> str:
        """The name of its template below ``report/``."""
        return self.file or self.name

    @property
    def chapter(self) -> str:
        """The name of its page: among those of its document it needs no document's name."""
        return self.template.removeprefix(f"{self.document.id}-")


def _pair(name: str, *needed: str) -> tuple[Template, Template]:
    """What a subject comes to in the programme's report, and all of it in the technical one."""
    return Template(name, needed, file=f"programme-{name}"), Template(name, needed, TECHNICAL)


_BY_SUBJECT = (
    _pair("design"),
    _pair("delivery", "delivery"),
    _pair(SURVEY),
    _pair("interviews", "interviews"),
    _pair("system", *strands.AROUND_SCHOOLS, "perceived"),
    _pair("outcomes", "outcomes"),
    _pair("value", "value"),
    _pair("evidence"),
)
#: The chapters of all documents; those of one document are in the reader's order.
CHAPTERS = (
    Template("introduction"),
    *(programme for programme, _ in _BY_SUBJECT),
    Template("conclusions"),
    Template("reading"),
    Template("methods", (), TECHNICAL),
    Template("data-quality", (), TECHNICAL),
    *(technical for _, technical in _BY_SUBJECT),
    *(
        Template("reproduction", ("published",), REPRODUCTION, file)
        for file in ("reproduction", "claims", "plausibility", "printed")
    ),
)


@dataclass(frozen=True)
class Chapter:
    """An expanded chapter: its path in the project, and its lines with their origins."""

    path: str
    lines: Lines

    @property
    def text(self) -> str:
        """The chapter as it is written."""
        return "\n".join(line for line, _ in self.lines).strip("\n") + "\n"


@dataclass(frozen=True)
class Book:
    """The chapters of one document, in order; of a school's report, if no document is named.

    ``numbers`` are those that the study's texts name, in all documents of the unit.
    """

    chapters: tuple[Chapter, ...]
    document: Document | None = None
    numbers: tuple[Part, ...] = ()

    @property
    def listed(self) -> list[str]:
        """Paths of the chapters after the first page."""
        return [each.path for each in self.chapters if each.path != INDEX]

    def notebooks(self, executed: str) -> list[str]:
        """Executed notebooks that the chapters embed from, by their path in the folder ``executed``."""
        inside = re.compile(rf"(?:\.\./)*{re.escape(executed)}/(.+)")
        found = {match[1] for path, _ in self.embedded if (match := inside.fullmatch(path))}
        return sorted(found)

    @property
    def embedded(self) -> list[tuple[str, str]]:
        """The cells that the chapters embed, in order: path of the notebook, and label."""
        lines = (line for each in self.chapters for line, _ in each.lines)
        return [found for line in lines for found in cutting.EMBED.findall(line)]

    def write(self, folder: Path) -> None:
        """Write every chapter below a project's folder, in place of those before."""
        for old in (folder / FOLDER).glob("*.qmd"):
            old.unlink()
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        for each in self.chapters:
            place(folder, *Path(each.path).parts).write_text(each.text, encoding="utf-8")

    def origin(self, path: str, line: int | None) -> Origin | None:
        """Where a line of an expanded chapter comes from."""
        for each in self.chapters:
            if each.path == path and each.lines:
                text = each.text.splitlines()
                skipped = next((i for i, (kept, _) in enumerate(each.lines) if kept), 0)
                place = min(max((line or 1) - 1, 0), len(text) - 1) + skipped
                return each.lines[min(place, len(each.lines) - 1)][1]
        return None


def expand(
    page: Page, root: Path, notebooks: Path, embedded: str, summary: str = INDEX
) -> tuple[Book, ...]:
    """The chapters of a unit's report: of each of the programme's documents, or of a school's.

    Parameters
    ----------
    page
        The unit's released results.
    root
        The project: its own templates and notebooks, and the package's for the rest.
    notebooks
        The folder of the unit's executed notebooks.
    embedded
        The same folder as chapters are to name it, from the project's root.
    summary
        The path of a document's first page in the project.

    Raises
    ------
    AnalystError
        If a template is missing or wrong, names what is not known, or asks for a cell that no
        notebook has; if a chapter of the study's own list needs a strand that it does not have.
    """
    found = _Expansion(page, root, Cells.read(notebooks), embedded)
    if page.is_school:
        path = f"{FOLDER}/{SCHOOL}.qmd"
        ((_, chapters),) = found.cut({"": {path: found.made(SCHOOL)}}).items()
        return (Book(chapters, numbers=found.numbers),)
    wanted = chosen(page.study)
    made: dict[str, dict[str, Lines]] = {}
    for document in documents(page.study):
        first = found.made(document.first, "", document, "../" * summary.count("/"))
        own = made[document.id] = {summary: first}
        for template, survey in wanted:
            if template.document == document:
                about = f"{template.chapter}-{survey}" if survey else template.chapter
                own[f"{FOLDER}/{about}.qmd"] = found.made(template.template, survey, document)
    books = found.cut(made)
    linked = linking.linked(
        {name: {each.path: each.lines for each in own} for name, own in books.items()},
        {document.id: gettext(document.name) for document in DOCUMENTS},
    )
    return tuple(
        Book(tuple(Chapter(*each) for each in linked[document.id].items()), document, found.numbers)
        for document in documents(page.study)
    )


def texts_asked_for(page: Page, root: Path) -> dict[str, tuple[Part, ...]]:
    """The study's texts that a unit's templates ask for, by name, with the results that each names.

    Whether there or not: see :meth:`analysis.study.Study.path`.
    """
    found = _Expansion(page, root, Cells({}, frozenset()), "")
    if page.is_school:
        found.made(SCHOOL)
    else:
        for document in documents(page.study):
            found.made(document.first, "", document)
        for template, survey in chosen(page.study):
            found.made(template.template, survey, template.document)
    return found.texts


def documents(study: Study) -> list[Document]:
    """The programme's documents of a study: those of which it has a chapter, and its report."""
    wanted = {template.document for template, _ in chosen(study)}
    return [each for each in DOCUMENTS if each in wanted or each == PROGRAMME]


def chosen(study: Study) -> list[tuple[Template, str]]:
    """The programme's chapters, each with the survey that it is made for, if any.

    The study's own list (``report: chapters:``) goes before the default: all that it has data for.
    It names subjects: each brings its chapters of all documents.

    Raises
    ------
    AnalystError
        If a chapter of the study's own list needs a strand that the study does not have.
    """
    known: dict[str, list[Template]] = {}
    for template in CHAPTERS:
        known.setdefault(template.name, []).append(template)
    own = study.report.chapters
    surveys = [survey.id for survey in study.surveys]
    found: list[tuple[Template, str]] = []
    if not own:
        # In the order of the documents, not of the subjects.
        for template in CHAPTERS:
            if _can(template, study):
                about = surveys if template.name == SURVEY else [""]
                found += [(template, each) for each in about]
        return found
    for name in own:
        for template in known.get(name, [Template(name)]):
            if not _can(template, study):
                raise AnalystError(
                    f"The chapter '{name}' is asked for, and the study has no "
                    f"{' or '.join(template.strands)}.",
                    where=at(study.path("study.yaml"), "report.chapters"),
                    fix="Take the chapter off the list, or give the study what it is about.",
                )
            about = surveys if name == SURVEY else [""]
            found += [(template, each) for each in about]
    return found


def _can(template: Template, study: Study) -> bool:
    """Whether the study has what a chapter is about."""
    needed = template.strands
    return not needed or any(strands.has(study, strand) for strand in needed)


def check(path: Path) -> None:
    """Whether a template can be read at all, before there is anything to expand it with.

    Raises
    ------
    AnalystError
        If it cannot be read, or is wrong: with the line.
    """
    try:
        _compiled(read(path))
    except jinja2.TemplateSyntaxError as error:
        raise _wrong(f"{error.message}.", path, error.lineno) from None


@lru_cache(maxsize=256)
def _compiled(text: str) -> str:
    """A template as Jinja compiles it: once for all studies that a process looks at."""
    return _environment().compile(text, raw=True)


class Authored(str):
    """Markdown for a chapter as it is; any other value of an expression is data, and escaped."""

    __slots__ = ()


@dataclass(frozen=True)
class Named:
    """Something that has an id and words; what else it has is the template's to ask for."""

    id: Authored
    label: str
    more: Mapping[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.more[name]
        except KeyError:
            raise AttributeError(name) from None


# --- expanding -----------------------------------------------------------------------------

#: Before each line stands which line of which file it is; Unicode keeps these marks for such uses.
MARK = re.compile("\ue000(\\d+):(\\d+)\ue001")
OPENS_OR_CLOSES = re.compile(r"\[\[|\]\]|\[%|%\]|\[#--|--#\]")
ENTRY = re.compile(r"[-*+]\s")
#: A line of a text that shows what a cell put out.
SHOWN = re.compile(r"^\s*\{show:\s*([^{}]+?)\s*\}\s*$")
#: Stands for an empty line, in what takes the place of one line.
APART = "\ue002"
INCLUDE = re.compile(r"^\s*\{\{<\s*include\s+(\S+)\s*>\}\}\s*$")


class _Expansion:
    """One report's templates on their way to chapters."""

    def __init__(self, page: Page, root: Path, cells: Cells, embedded: str) -> None:
        self.page, self.root, self.cells, self.embedded = page, root, cells, embedded
        self.files: list[Path] = []
        #: Labels that references in templates name.
        self.referred: set[str] = set()
        #: The study's texts that templates ask for, each with the results that it names.
        self.texts: dict[str, tuple[Part, ...]] = {}
        self.inside = "../"
        self.environment = _environment()
        self.environment.loader = jinja2.FunctionLoader(self._loaded)
        self.environment.globals.update(self._context())

    def made(
        self,
        name: str,
        survey: str = "",
        document: Document = PROGRAMME,
        inside: str = "../",
    ) -> Lines:
        """One template expanded; ``inside`` leads from the chapter to the project's root."""
        self.inside = inside
        own: dict[str, Any] = {"document": Authored(document.id)}
        if survey:
            own["survey"] = next(s for s in self._surveys() if s.id == survey)
        path = resources.report_file(self.root, f"{name}.qmd")
        try:
            text = self.environment.get_template(f"{name}.qmd").render(own)
        except jinja2.TemplateNotFound as error:
            raise AnalystError(
                f"The chapter template {error.name} is missing.",
                where=str(self.root / TEMPLATES / str(error.name)),
                fix="Write it, or take the chapter off the list under report in study.yaml.",
            ) from None
        except jinja2.TemplateSyntaxError as error:
            raise _wrong(str(error.message), Path(error.filename or path), error.lineno) from None
        except jinja2.UndefinedError as error:
            raise _wrong(f"{error.message}.", *_place(error, path)) from None
        except AnalystError as error:
            if error.where:
                raise
            raise AnalystError(error.what, where=_at(*_place(error, path)), fix=error.fix) from None
        except (TypeError, ValueError, AttributeError, ArithmeticError, LookupError) as error:
            raise _wrong(f"{error}.", *_place(error, path)) from None
        return list(self._with_includes(self._unmarked(text), (path,)))

    def cut(self, made: Mapping[str, Mapping[str, Lines]]) -> dict[str, tuple[Chapter, ...]]:
        """The chapters of each document without what has no data, and without references to it.

        The first page of each stays.
        """
        every = {
            (name, path): lines
            for name, chapters in made.items()
            for path, lines in chapters.items()
        }
        first = {(name, next(iter(chapters))) for name, chapters in made.items() if name}
        # What no chapter shows, since it has no output or is in none of them, cannot be referred to.
        absent = self.referred - cutting.embedded(every.values())
        kept = cutting.cut(every, self.cells, absent, always=first)
        found: dict[str, tuple[Chapter, ...]] = dict.fromkeys(made, ())
        for (name, path), lines in kept.items():
            # A school's report says of each survey what to look for, and is to be short.
            told = lines if self.page.is_school else led(lines, self.cells.outputs)
            found[name] += (Chapter(path, told),)
        return found

    @property
    def numbers(self) -> tuple[Part, ...]:
        """Every result that the study's texts name, as it is shown."""
        return tuple(dict.fromkeys(part for parts in self.texts.values() for part in parts))

    # -- what templates know ----------------------------------------------------------------

    def _context(self) -> dict[str, Any]:
        # Only here: they draw as well, and who looks through templates alone has nothing to draw.
        from analysis.present import beside, children, key_findings, letter

        page = self.page
        return {
            "unit": page.unit,
            "population_note": page.study.population_note,
            "compares": page.study.compares,
            "corrects": next((row.key for row in page.texts_of(CORRECTION).itertuples()), ""),
            "comparison": bool(page.study.comparison),
            "baseline": inside(page.study.wave(page.study.baseline).label),
            "followup": inside(page.study.wave(page.study.followup).label),
            "at_baseline": asked.when(page, page.study.baseline),
            "at_followup": asked.when(page, page.study.followup),
            "phase": self._phase(),
            "others": beside.stands_beside(self.page),
            "splits_people": any(page.study.groups_of(each.id) for each in page.study.populations),
            "surveys": self._surveys(),
            "for_children": [
                each
                for each in self._surveys()
                if each.id in {s.id for s in children.surveys(page)}
            ],
            "shows_scores": asked.shows_scores(page),
            "letter": bool(letter.asked_of(page)),
            "themes": [
                Named(Authored(theme_key(theme)), str(theme["label"])) for theme in themes_of(page)
            ],
            "apart": [Named(Authored(body.group), body.label) for body in qualitative.apart(page)],
            "objectives": list(page.study.objectives),
            "findings": [
                Named(Authored(name), name, {"where": Authored(f"@{place}")})
                for name, place in key_findings.places(page.study).items()
            ],
            "documents": [
                Named(
                    Authored(each.id),
                    gettext(each.label),
                    {"name": gettext(each.name), "link": _document_link(each)},
                )
                for each in documents(page.study)
            ],
            "strands": {name: strands.has(page.study, name) for name in strands.STRANDS},
            "show": self._show,
            "ref": self._ref,
            "refs": self._refs,
            "text": self._text,
            "references": (page.study.folder / "texts" / "references.bib").is_file(),
            "first_items": self._first_items,
            "gettext": _gettext,
            "fewest": self._fewest(),
            "languages": self._languages(),
        }

    def _fewest(self) -> Authored:
        """Of how many people of each survey nothing is shown, as Markdown."""
        said = [
            f"{self.page.study.asked(survey).minimum} {escaped(survey.respondents)}"
            for survey in self.page.study.surveys
        ]
        return Authored(gettext(" or ").join(said))

    def _languages(self) -> list[Named]:
        """The other languages that a school's report is in, each with where it lies from this one."""
        main, *others = self.page.study.report.languages
        if not self.page.is_school:
            return []
        if now() != main:
            places = {main: "../index.html"} | {
                code: f"../{code}/index.html" for code in others if code != now()
            }
        else:
            places = {code: f"{code}/index.html" for code in others}
        return [
            Named(Authored(code), own_name(code), {"link": _link(code, at)})
            for code, at in places.items()
        ]

    def _phase(self) -> dict[str, str] | None:
        """The characteristic by which schools are compared."""
        phases = self.page.study.phases
        if phases is None:
            return None
        return {"label": inside(phases.label)}

    def _surveys(self) -> list[Named]:
        page = self.page
        return [
            Named(
                Authored(survey.id),
                survey.label,
                {
                    "people": survey.respondents,
                    "minimum": page.study.asked(survey).minimum,
                    "groups": [] if page.is_school else [
                        Named(Authored(each.id), each.label)
                        for each in asked.groupings(page, survey.id)
                    ],
                    "gaps": [] if page.is_school else [
                        Named(Authored(slug(each.column)), each.label)
                        for each in page.study.groups_of(survey.population) if each.gap
                    ],
                    "instruments": [
                        Named(
                            Authored(name),
                            page.instruments[name].name,
                            {"name": page.instruments[name].name,
                             "short": page.instruments[name].short,
                             "scores": len(page.instruments[name].scores)},
                        )
                        for name in survey.instruments
                    ],
                },
            )
            for survey in page.study.surveys
        ]  # fmt: skip

    def _show(self, label: str, *about: Any) -> Authored:
        """The shortcodes that embed what a cell put out."""
        self._refuse_unknown(label)
        *first, last = (_id(each) for each in about) if about else ("",)
        name = "-".join([label, *first, *([last] if last not in ("", "*") else [])])
        if last != "*":
            found = [name] if name in self.cells.outputs else []
        else:
            others = self._sources - {label}
            found = [
                each
                for each in self.cells.outputs
                if each.startswith(f"{name}-") and not _of_another(each, label, others)
            ]
        notebooks = f"{self.inside}{self.embedded}"
        calls = [f"{{{{< embed {notebooks}/{self.cells.outputs[n]}#{n} >}}}}" for n in found]
        return Authored("\n\n".join(calls) or f"{{{{< embed {NOTHING}#{name} >}}}}")

    def _ref(self, label: str, *about: Any) -> Authored:
        """A reference to what a cell put out."""
        self._refuse_unknown(label)
        name = "-".join([label, *(_id(each) for each in about)])
        self.referred.add(name)
        return Authored(f"@{name}")

    def _refs(self, label: str, *about: Any) -> Authored:
        """References to what a cell put out for each of several, the last argument, where it did."""
        *first, several = about
        found = [self._ref(label, *first, each) for each in several]
        there = [each for each in found if each[1:] in self.cells.outputs]
        return Authored(listed(there or found[:1]))

    def _text(self, name: Any) -> Authored:
        """A text of the study, marked with its lines; nothing where there is none."""
        folder = self.page.study.folder / "texts"
        path = translated(folder / f"{name}.md")
        if not path.resolve().is_relative_to(folder.resolve()):
            raise AnalystError(
                f"The text '{name}' lies outside the study's texts.",
                where="",  # the line of the template: see made()
                fix="Name a text of the study's folder texts/.",
            )
        self.texts.setdefault(str(name), ())
        if not path.exists():
            return Authored("")
        text = read(path)
        if text.startswith("---\n"):
            raise AnalystError(
                f"The text {path.name} begins with metadata, which a text has none of.",
                where=_at(path, 1),
                fix="Take out the lines from --- to ---.",
            )
        found = self._marked(path, self._with_results(str(name), text, path))
        main = self.page.study.report.languages[0]
        if now() == main or path.name.endswith(f".{now()}.md"):
            return Authored(found)
        # So that who listens hears it in its own language.
        return Authored(f'::: {{lang="{main}"}}\n{found}\n:::\n')

    def _with_results(self, name: str, text: str, path: Path) -> str:
        """A text of the study with the results and cells that it names in place."""
        text, parts = named_results.filled(self.page, name, text, path)
        self.texts[name] = tuple(dict.fromkeys((*self.texts.get(name, ()), *parts)))
        lines = text.split("\n")
        for number, line in enumerate(lines):
            if found := SHOWN.match(line):
                label, *about = found[1].split()
                try:
                    # As many lines as before, so that each keeps its number.
                    lines[number] = str(self._show(label, *about)).replace("\n\n", APART)
                except AnalystError as error:
                    where = _at(path, number + 1)
                    raise AnalystError(error.what, where=where, fix=error.fix) from None
        return "\n".join(lines)

    def _first_items(self, name: str, number: int) -> Authored:
        """The first entries of the list in a text of the study, with their lines."""
        kept: list[str] = []
        entries = 0
        for line in str(self._text(name)).splitlines():
            bare = MARK.sub("", line)
            entries += bool(ENTRY.match(bare))
            if entries > number or (kept and not bare.strip()):
                break
            if entries:
                kept.append(line)
        return Authored("\n".join(kept))

    @cached_property
    def _sources(self) -> set[str]:
        """Every label that a notebook of the project has."""
        return labels(self.root)

    def _refuse_unknown(self, label: str) -> None:
        if label not in self._sources:
            near = difflib.get_close_matches(label, sorted(self._sources), 3)
            raise AnalystError(
                f"No notebook has a cell labelled '{label}'.",
                where="",  # the line of the template: see made()
                fix=f"Perhaps {' or '.join(near)}."
                if near
                else "Look for the label in notebooks/.",
            )

    # -- lines and where they come from -----------------------------------------------------

    def _loaded(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        path = resources.report_file(self.root, name)
        if not path.exists():
            return None
        return self._marked(path, read(path)), str(path), lambda: False

    def _marked(self, path: Path, text: str) -> str:
        """A text with a mark before each of its lines, except within an expression."""
        if path not in self.files:
            self.files.append(path)
        file, within, lines = self.files.index(path), False, []
        for number, line in enumerate(text.splitlines(), 1):
            plain = within or line.lstrip().startswith("[%")
            lines.append(line if plain else f"\ue000{file}:{number}\ue001{line}")
            for mark in OPENS_OR_CLOSES.findall(line):
                within = mark in ("[[", "[%", "[#--")
        return "\n".join(lines) + "\n"

    def _unmarked(self, text: str) -> Lines:
        lines: Lines = []
        origin: Origin = (self.root / TEMPLATES, 1)
        for line in text.splitlines():
            marks = MARK.findall(line)
            if marks:
                file, number = marks[-1]
                origin = (self.files[int(file)], int(number))
            lines += [
                (each, origin) for each in MARK.sub("", line).replace(APART, "\n\n").split("\n")
            ]
        return lines

    def _with_includes(
        self, lines: Lines, including: tuple[Path, ...]
    ) -> Iterator[tuple[str, Origin]]:
        for line, origin in lines:
            found = INCLUDE.match(line)
            if found is None:
                yield line, origin
                continue
            path = self._included(found.group(1), origin)
            if path in including:
                raise _wrong(f"{path.name} includes itself.", *origin)
            inner_text = read(path)
            if path.resolve().is_relative_to(self.page.study.folder.resolve()):
                inner_text = self._with_results(path.stem, inner_text, path)
            inner = self._unmarked(self._marked(path, inner_text))
            yield from self._with_includes(inner, (*including, path))

    def _included(self, name: str, origin: Origin) -> Path:
        """A file named by an ``include``: of the study's folder or of the project's report."""
        study = self.page.study.folder
        near = origin[0].parent / name
        if name.startswith("../data/raw/"):
            near = study / name.removeprefix("../data/raw/")
        elif not near.exists() and not near.is_relative_to(study):
            near = resources.report_file(self.root, name)
        templates = (root / TEMPLATES for root in (self.root, resources.shipped()))
        places = (study.resolve(), *(folder.resolve() for folder in templates))
        if not any(near.resolve().is_relative_to(place) for place in places):
            raise AnalystError(
                f"The chapter includes {name}, which is not one of the study's texts.",
                where=_at(*origin),
                fix="Include a file of the study's folder texts/.",
            )
        if not near.exists():
            raise AnalystError(
                f"The text {name} is missing, which this line includes.",
                where=_at(*origin),
                fix="Write it, or take out the line.",
            )
        return near


def translated(path: Path) -> Path:
    """A text of the study in the language of the report; as it is where it is not translated."""
    other = path.with_suffix(f".{now()}.md")
    return other if now() != ENGLISH and other.exists() else path


def _gettext(message: str, **fields: Any) -> Authored:
    """Words of a template in the language of the report; they are Markdown, and data are escaped."""
    return Authored(gettext(message, **{key: _finalized(value) for key, value in fields.items()}))


def _document_link(document: Document) -> Authored:
    """A link to another of the programme's documents, which lie beside each other."""
    words = escaped(gettext(document.label))
    return Authored(f"[{words}](../{document.id}/index.html){{.{ELSEWHERE}}}")


def _link(language: str, page: str) -> Authored:
    """The link to a report in another language, in that language."""
    with spoken(language):
        # The language that is read in stands in its own catalogue as itself.
        words = gettext("Read this report in English")
    return Authored(f'[[{words}]({page}){{.{ELSEWHERE}}}]{{lang="{language}"}}')


class _Compiled(jinja2.BytecodeCache):
    """Templates that were compiled, for as long as the process lasts: every school's are the same."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key, bucket.checksum] = bucket.code


COMPILED = _Compiled()


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        bytecode_cache=COMPILED,
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#--",
        comment_end_string="--#]",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalized,
    )


def _finalized(value: Any) -> Any:
    if isinstance(value, Authored | jinja2.Undefined):
        return value
    return escaped(str(value))


def _id(about: Any) -> str:
    return str(about.id if isinstance(about, Named) else about)


def _of_another(name: str, label: str, others: Iterable[str]) -> bool:
    """Whether a label belongs to another cell whose own label only begins alike."""
    return any(
        other.startswith(f"{label}-") and (name == other or name.startswith(f"{other}-"))
        for other in others
    )


@cache
def _content(path: Path, changed: int) -> str:
    return handwritten.read_text(path)


def read(path: Path) -> str:
    """A text that an analyst wrote, read again only if it was changed.

    Raises
    ------
    AnalystError
        If it is missing, cannot be read, or is not UTF-8 (:func:`handwritten.read_text`).
    """
    try:
        changed = path.stat().st_mtime_ns
    except OSError:  # which reading says in words
        changed = 0
    return _content(path, changed)


def _wrong(what: str, path: Path, line: int) -> AnalystError:
    return AnalystError(
        f"The chapter template cannot be expanded: {what}",
        where=_at(path, line),
        fix="Put the template right; docs/extending.md says what it may name.",
    )


def _at(path: Path, line: int) -> str:
    return f"{path}, line {line}"


def _place(error: BaseException, path: Path) -> Origin:
    """The line of a template at which an error arose."""
    found, step = (path, 1), error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if name.endswith(".qmd"):
            found = (Path(name), step.tb_lineno)
        step = step.tb_next
    return found
