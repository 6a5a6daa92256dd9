"""Everything that a unit needs, imported and used once, in the process workers are forked from."""

import analysis.publish  # noqa: F401  (first: it keeps an import out that takes a second)

# isort: split
import io

import distributed.nanny  # noqa: F401
import papermill.execute  # noqa: F401
import plotly.graph_objects as go
import typst  # noqa: F401
from matplotlib.figure import Figure

from analysis import pipeline  # noqa: F401
from analysis.publish.shell import unchanged, warm_up

warm_up()
with unchanged():
    # The first chart of a process takes several times as long as the others.
    canvas = Figure()
    axes = canvas.subplots()
    axes.scatter([0, 1], [0, 1], label="x")
    axes.legend()
    canvas.savefig(io.BytesIO(), format="svg", bbox_inches="tight")
    go.Figure().add_scatter(x=[0], y=[0]).update_layout(template="none").to_html(full_html=False)
