"""A small report made by code: three chapters and an appendix, or one school document."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import plotly

ROOT = Path(__file__).resolve().parents[2]

WIDE_TABLE = """\
| Subscale | n | T1 mean | T1 SD | T2 mean | T2 SD | Difference [95% CI] | *t* | *p* |
|---|---|---|---|---|---|---|---|---|
| Workload | 109 | 2.61 | 0.84 | 2.83 | 0.80 | 0.22 [0.08 to 0.36] | 3.07 | .003 |
| Participative decisions | 109 | 3.20 | 0.79 | 3.37 | 0.74 | 0.17 [0.04 to 0.30] | 2.61 | .010 |
| Leadership | 109 | 3.71 | 0.86 | 3.88 | 0.78 | 0.17 [0.03 to 0.31] | 2.44 | .016 |
| Appraisal and recognition | 109 | 3.31 | 0.81 | 3.35 | 0.83 | 0.04 [−0.09 to 0.17] | 0.61 | .543 |
| Connections with the community | 109 | 4.02 | 0.51 | 4.05 | 0.49 | [c] | [c] | [c] |
"""

SVG = """\
<?xml version="1.0" encoding="utf-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="460pt" height="220pt" viewBox="0 0 460 220">
<rect width="460" height="220" fill="#ffffff"/>
<rect x="60" y="30" width="250" height="34" fill="#12436D"/>
<rect x="60" y="80" width="290" height="34" fill="#28A197"/>
<rect x="60" y="130" width="210" height="34" fill="#801650"/>
<path d="M60 20 V190 H440" fill="none" stroke="#505A63"/>
</svg>
"""

HOSTILE = (
    "<script>alert('x')</script> {{< include /etc/passwd >}} {{< meta unit.name >}} "
    "**bold {{< meta unit.letter >}}** @tbl-nope $x^2$ [press](javascript:alert(1)) "
    '![pixel](https://example.org/pixel.png) #import "x.typ": * #panic() '
    '[styled]{style="color:red" onclick="steal()" typst:text:fill="red"} '
    "`{python}` \\newpage <b>bold</b> 😀 1/2 // not a comment /* nor this */ $y$ ~ <tag> #sys"
)


def plotly_html(identifier: str) -> str:
    """What ``plotly.io.to_html(full_html=False, include_plotlyjs=False)`` looks like."""
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "x": [2.61, 3.20, 3.71],
            "y": ["Workload", "Decision making", "Leadership"],
            "marker": {"color": "#12436D"},
        }
    ]
    layout = {
        "height": 320,
        "margin": {"l": 10, "r": 10, "t": 20, "b": 40},
        "yaxis": {"automargin": True},
    }
    config = {"responsive": True, "displayModeBar": False}
    return (
        f'<div><div id="{identifier}" class="plotly-graph-div" style="height:320px; width:100%;">'
        '</div><script type="text/javascript">window.PLOTLYENV=window.PLOTLYENV || {};'
        f'if (document.getElementById("{identifier}")) {{ Plotly.newPlot("{identifier}", '
        f"{json.dumps(data)}, {json.dumps(layout)}, {json.dumps(config)}) }};</script></div>"
    )


def markdown(text: str) -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "data": {"text/markdown": text, "text/plain": "<Markdown>"},
        "metadata": {},
    }


def figure(identifier: str) -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "data": {"text/html": plotly_html(identifier), "image/svg+xml": SVG},
        "metadata": {},
    }


def cell(options: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    lines = "\n".join(f"#| {line}" for line in options.strip().splitlines())
    return {
        "cell_type": "code",
        "execution_count": 1,
        "id": options.split()[1][:20],
        "metadata": {},
        "source": f"{lines}\nshow()",
        "outputs": list(outputs),
    }


def notebook(path: Path, *cells: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content), encoding="utf-8")


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def bare_project(root: Path) -> Path:
    """Styles, fonts and plotly.js in place, as the caller stages them."""
    for folder in ("_extensions/report/styles", "_extensions/report/fonts"):
        shutil.copytree(ROOT / folder, root / folder, dirs_exist_ok=True)
    package = Path(plotly.__file__).parent / "package_data"
    (root / "assets").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(package / "plotly.min.js", root / "assets/plotly.min.js")
    return root


UNIT = """\
unit:
  name: Programme
  letter: A
  pupils: true
  interviews: false
notice: >-
  The data in this report are synthetic. They were made to demonstrate the report and describe
  no real school, pupil or member of staff.
notice-short: Synthetic data – not a real evaluation
edition:
  term: Summer term 2026
"""

BOOK = """\
project:
  type: book
lang: en-GB
date: 2026-07-20
metadata-files: [_unit.yml]
book:
  title: "Resilience in schools"
  subtitle: "Evaluation of a whole-school programme"
  author: "Example County Council"
  chapters:
    - index.qmd
    - part: "What changed"
      chapters:
        - report/staff.qmd
        - report/pupils.qmd
  appendices:
    - report/methods.qmd
format:
  html: {theme: none}
  typst: {pdf-standard: ua-1}
"""

INDEX = """\
# Summary {.unnumbered}

::: {.lead}
This report asks whether whole-school work on resilience changed how staff and pupils
experience their school.
:::

::: {.key-figures}
::: {.key-figure}
20

schools took part
:::

::: {.key-figure}
109

members of staff answered both surveys
:::

::: {.key-figure}
+0.22

points on workload, on a scale from 1 to 5

95% interval 0.08 to 0.36
:::
:::

## What we found

::: {.finding}
**Staff report more manageable workload.** The change is consistent with the programme's aims;
see @tbl-change in @sec-staff.
:::

::: {.finding}
**Pupils' wellbeing stayed above the norm.** See [the chapter on pupils](report/pupils.qmd#levels)
and @fig-wellbeing.
:::

## How to read this report

::: {.how-to-read}
A dash means no data. [c] means that the number is withheld so that nobody can be identified.
:::

This report is about the unit {{< meta unit.name >}} ({{< meta unit.letter >}}). To show a value,
write {{{< meta unit.name >}}}.

::: {.content-visible when-format="html"}
Only in the pages.
:::

::: {.content-visible when-format="typst"}
Only in the document.
:::

::: {.content-visible when-meta="unit.interviews"}
{{< embed data/processed/notebooks/cohort/missing.ipynb#tbl-missing >}}
:::

::: {.content-hidden unless-meta="unit.pupils"}
Pupils were asked too.
:::
"""

STAFF = """\
# Staff survey {#sec-staff}

Staff answered before and after the programme.[^scale] "Quotation marks" and -- dashes are set
properly, and so is a [link](https://example.org/).

[^scale]: Every item has a scale from 1 to 5.

## Change between the waves {#sec-change}

{{< embed ../data/processed/notebooks/cohort/change.ipynb#tbl-change >}}

Both @tbl-change and [-@tbl-change] are read from left to right, as @sec-change explains.

{{< embed ../data/processed/notebooks/cohort/change.ipynb#sentences >}}

## Levels at baseline

{{< embed ../data/processed/notebooks/cohort/change.ipynb#fig-levels >}}

::: {.panel-tabset}
### Primary

Primary schools start higher.

| Phase | Mean |
|---|--:|
| Primary | 3.71 |

: Mean at baseline, primary {#tbl-primary}

### Secondary

Secondary schools gain less.
:::

::: {.callout-note title="About unit {{< meta unit.letter >}}"}
A plain paired *t* test ignores that people are clustered in schools.
:::

::: {.callout-warning collapse="true"}
## Read with care

- One school joined late.
- Numbers are small.
:::

{{< include _shared.qmd >}}

### Words of staff

::: {.quotation}
> We talk to each other about what works, in a way that we did not before.

Teacher, primary school
:::

{{< pagebreak >}}

## Code and lists

1. First
2. Second

    - nested

```
drp run --unit cohort
```

Term
:   Its meaning

A number such as $\\alpha = 0.05$ is maths.
"""

SHARED = """\
::: {.summary}
## In short

Change is small and consistent. See @fig-levels.
:::
"""

PUPILS = """\
# Pupil survey {#sec-pupils}

## Levels

{{< embed ../data/processed/notebooks/cohort/pupils.ipynb#fig-wellbeing >}}

{{< embed ../data/processed/notebooks/cohort/pupils.ipynb#hostile >}}

![The programme's path through a school year](images/path.svg){#fig-path fig-alt="Three boxes \
in a row: audit, action, review"}

@fig-path shows the year.
"""

METHODS = """\
# Methods {#sec-methods}

Every number comes from one ledger. Chapters: @sec-staff and @sec-pupils; this is @sec-methods.

| Step | What it makes |
|---|---|
| prepare | clean tables |
| release | what may leave |

: The steps {#tbl-steps}

@tbl-steps lists the steps.
"""


def notebooks(root: Path, unit: str) -> None:
    folder = root / "data/processed/notebooks" / unit
    notebook(
        folder / "change.ipynb",
        cell(
            'label: tbl-change\ntbl-cap: "Staff climate before and after, matched sample"',
            markdown(WIDE_TABLE),
            markdown("Source: staff survey. [c] withheld; see @sec-change."),
        ),
        cell(
            "label: sentences",
            markdown(
                "Workload rose by 0.22 points (95% CI 0.08 to 0.36), see @tbl-change.\n\n"
                "::: {.callout-tip}\nThe interval does not include zero.\n:::\n"
            ),
        ),
        cell(
            "label: fig-levels\nfig-cap: Levels at baseline\n"
            "fig-alt: Bar chart of three subscales; leadership is highest at 3.71.",
            figure("plot-levels"),
        ),
    )
    notebook(
        folder / "pupils.ipynb",
        cell(
            "label: fig-wellbeing\nfig-cap: Wellbeing of pupils against the norm\n"
            "fig-alt: Bar chart; pupils are above the norm of 50.",
            figure("plot-wellbeing"),
        ),
        cell("label: hostile", markdown(HOSTILE)),
    )


def book_project(root: Path) -> Path:
    """A book with a part, an appendix, two notebooks and every component."""
    bare_project(root)
    notebooks(root, "cohort")
    write(
        root,
        {
            "_quarto.yml": BOOK,
            "_unit.yml": UNIT,
            "index.qmd": INDEX,
            "report/staff.qmd": STAFF,
            "report/_shared.qmd": SHARED,
            "report/pupils.qmd": PUPILS,
            "report/methods.qmd": METHODS,
            "report/images/path.svg": SVG,
        },
    )
    return root


SCHOOL = """\
---
title: "{{< meta unit.name >}}"
subtitle: "Resilience programme: report for your school"
author: Example County Council
---

::: {.lead}
What staff and pupils of your school told us, beside the programme and similar schools.
:::

::: {.key-figures}
::: {.key-figure}
34 of 41

staff answered
:::

::: {.key-figure}
3.4

mean climate score
:::
:::

## Your staff

{{< embed ../data/processed/notebooks/oak/change.ipynb#tbl-change >}}

### Where you stand

{{< embed ../data/processed/notebooks/oak/change.ipynb#fig-levels >}}

See @tbl-change and @fig-levels.

## Your pupils {#sec-pupils}

{{< embed ../data/processed/notebooks/oak/pupils.ipynb#fig-wellbeing >}}

## What next

- Share this with your staff.
- Choose one thing to change; @sec-pupils may help.

{{< embed ../data/processed/notebooks/oak/change.ipynb#sentences >}}
"""


def document_project(root: Path) -> Path:
    """One school's report."""
    bare_project(root)
    notebooks(root, "oak")
    unit = UNIT.replace("name: Programme", "name: Oak Tree Primary School")
    write(
        root,
        {
            "_quarto.yml": "project: {type: default}\nlang: en-GB\ndate: 2026-07-20\n"
            "metadata-files: [_unit.yml]\noutput-file: report\n",
            "_unit.yml": unit,
            "report/school.qmd": SCHOOL,
        },
    )
    return root
