"""What a project says to those who open its folders."""

from __future__ import annotations

from analysis.scaffold.plan import Plan

SYNTHETIC = """\
# Files with invented data. Put your own file in place of one, and take its name out of this list:
# when the last is gone, the reports no longer say that data are synthetic.
"""

SETTINGS = """\
# The project for Quarto. drp takes title, edition and notice from data/raw/study.yaml; they stand
# here for those who call Quarto themselves.
"""

GIT = """\
.drp/
.quarto/
*.quarto_ipynb
.ipynb_checkpoints/
__pycache__/
/report/_site/
/report/_packages/
/assets/
/chapters/
/_chapters.yml
/_unit.yml

# People's answers must not reach git: of the study only what is written by hand is admitted, and
# reference tables of instruments and printed figures.
/data/**
!/data/**/
!/data/**/*.yaml
!/data/**/*.yml
!/data/**/*.md
!/data/**/*.bib
!/data/**/SYNTHETIC
!/data/**/instruments/*.csv
!/data/**/published/*.csv
!/data/**/brand/*.svg
!/data/**/brand/*.png
/data/processed*/
/data/releases/
"""

NOTEBOOKS = """\
# Notebooks

One question each. Those that the package brings are run as long as this folder has none of the same
name. To change one, copy it here:

```
drp copy                             # lists what can be copied
drp copy notebooks/response.ipynb
```

A notebook of your own runs beside them.
"""

REPORT = """\
# Templates and styles

Chapters of the reports are templates (`*.qmd`) here; styles, filters and fonts lie in
`_extensions/report/`. Those that the package brings are used as long as the project has none of the
same name. To change one, copy it:

```
drp copy                             # lists what can be copied
drp copy report/school.qmd
```

`pre_render.py` and `post_render.py` are for those who call Quarto themselves. What is made goes to
`_site/`, which git ignores.
"""


def readme(plan: Plan) -> str:
    """The project's own README."""
    exports = ", ".join(f"`{asked.id}_t1.csv`" for asked in plan.populations)
    return f"""\
# {plan.title}

An evaluation of {plan.programme} by {plan.organisation}. The data are invented so far: `data/raw/SYNTHETIC`
lists the files.

```
drp prepare      # reads and checks; says where every row went, and what is still synthetic
drp render       # the reports, in report/_site/
```

## From here to your own data

One file at a time; `drp render` works in between.

1. `data/raw/schools.csv`: your schools. Then take `schools.csv` out of `data/raw/SYNTHETIC`, and the
   invented exports with it, since they name the invented schools.
2. Put an export into `data/raw` just as the survey tool gave it ({exports} are the invented ones),
   and name it in `data/raw/study.yaml` under the survey's `exports`.
3. Your questionnaire: a file in `data/raw/instruments`, named in the survey's `instruments`.
4. `drp map data/raw/YOUR_FILE --survey {plan.populations[0].id}` proposes which column is which item.
5. `drp prepare` names everything that does not fit yet, with file, row and what to do.
6. Titles, waves, edition and thresholds are in `data/raw/study.yaml`, every key explained; the texts of
   the report in `data/raw/texts`.

Do not make a folder called `analysis` here: Python would take it for the package.
"""
