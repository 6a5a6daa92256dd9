"""Small whole studies of other shapes than the demonstration's, and what their pages must hold.

``minimal`` and ``council`` stand here as files of version 1; the others are made by the tests in
a folder outside git, since their data pass for real: they are in no ``SYNTHETIC`` list.
"""
