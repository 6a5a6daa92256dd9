"""Ids, texts and files that could do harm, each with what it tries: what must happen stands in the tests.

``IDS`` are refused as a school's id by every command (``integration/test_hostile_names.py``). ``TEXTS``
are shown as typed wherever people's words are, and run nowhere. ``FILES`` are read, or refused with a
message for analysts (``unit/test_hostile_corpus.py``); every reader tries each.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile

#: Ids of schools that no command may go on with; white space around one in the file is no part of it.
IDS = [
    "../../raw", "..", ".", "../raw", "../../../outside", "..\\..\\raw", "S01/..", "S01/../S02",
    "./S02", "a/b", "/", "/etc", "/tmp/outside", "~", "~root", "//host/share", "\\\\host\\share",
    "C:\\raw", "C:", "S01.", ".S01", ".git", "S01.parquet", "", "CON", "nul", "Com1", "lpt9",
    "cohort", "Cohort", "all", "programme", "technical", "schools", "S" * 300, "s02",
    "\uff33\uff10\uff12", "S\u04302", "S02\u200b", "\u202e20S", "S 1", "S\n1", "S\t1", "S01;rm -rf",
    "$(touch x)", "`id`", "%2e%2e%2f", "*", "?", "S01*", "{S01,S02}", "--help=1", "-rf /", "=1+1",
    "<script>", "'; DROP TABLE", '"S01"', "S01|x", "\U0001f600",
]  # fmt: skip

#: What people may have written, by what it would do if it were not shown as typed.
TEXTS = {
    # a browser
    "a script": "<script>alert(1)</script>",
    "a script's end": "</script><script>alert(1)</script>",
    "a handler": "<img src=x onerror=alert(1)>",
    "svg": "<svg/onload=alert(1)>",
    "a picture from elsewhere": '<img src="http://example.org/x.png">',
    "a frame": "<iframe src=javascript:alert(1)></iframe>",
    "a style": "<style>body{display:none}</style>",
    "a base": "<base href=http://example.org/>",
    "a form": "<form action=http://example.org><input name=a></form>",
    "meta": "<meta http-equiv=refresh content='0;url=http://example.org'>",
    "an entity": "&lt;b&gt; &amp; &#60;script&#62; &copy;",
    "a comment": "<!-- and --> <!--[if IE]>x<![endif]-->",
    "cdata": "<![CDATA[ x ]]>",
    "an attribute's end": '"><script>alert(1)</script>',
    "another attribute's end": "' onmouseover='alert(1)",
    "an address that runs": "javascript:alert(1)",
    "data as an address": "data:text/html,<script>alert(1)</script>",
    "a template's end": "</template></textarea></title>",
    "half a tag": "<p",
    "a processing instruction": "<?php echo 1 ?>",
    # Markdown and Pandoc
    "emphasis": "*a* _b_ **c** __d__ ~~e~~ ^f^ ~g~",
    "a heading": "# Not a heading",
    "an underlined heading": "Not a heading =====",
    "a rule": "--- *** ___",
    "a quotation": "> said",
    "a list": "1. one 2. two - three + four * five",
    "code": "`code` ``code`` ```code```",
    "a link": "[here](http://example.org)",
    "a picture": "![x](http://example.org/x.png)",
    "a reference": "[here][1] [1]: http://example.org",
    "an automatic link": "<http://example.org> http://example.org",
    "a footnote": "note[^1] [^1]: foot ^[inline]",
    "a citation": "@smith2020 [@smith2020, p. 3] [-@smith]",
    "a cross reference": "@tbl-level @fig-x @sec-y @eq-z",
    "a div": "::: {.callout-note} x :::",
    "a span": "[x]{.hidden} [y]{style='display:none'}",
    "raw html": "`<b>`{=html} ```{=html} <b> ```",
    "raw typst": '`#read("/etc/passwd")`{=typst}',
    "raw latex": "\\input{/etc/passwd} \\write18{id} $\\frac{1}{2}$",
    "maths": "$x^2$ and $$y$$ and \\(z\\) \\[w\\]",
    "a table": "| a | b | |---|---| | 1 | 2 |",
    "a line block": "| a | b",
    "a definition": "term : definition",
    "front matter": "--- title: x ---",
    "attributes": "x {#id .class key=value}",
    "an example list": "(@) one (@good) two",
    "smart punctuation": "\"a\" 'b' -- --- ... a--b",
    "hard breaks": "a\\ b  c",
    "escapes": "\\* \\\\ \\` \\[ \\n",
    "emoji codes": ":smile: :+1:",
    "superscripts of nothing": "^^ ~~ __ ** ``",
    # Quarto
    "a shortcode": "{{< include /etc/passwd >}}",
    "a shortcode of video": "{{< video http://example.org >}}",
    "an escaped shortcode": "{{{< meta title >}}}",
    "half a shortcode": "{{< x",
    "a cell": "```{python} import os ```",
    "inline code": "`{python} 1+1` `r 1+1`",
    "cell options": "#| echo: true",
    # templates
    "jinja": "{{ 7*7 }} {% for x in y %} {# z #}",
    "jinja's objects": "{{ ''.__class__.__mro__ }}",
    "mustache": "{{{x}}} {{#x}}{{/x}}",
    "python's formats": "{0} {x!r} %s %(x)s {__class__}",
    "a shell": "$(id) `id` ${HOME} ; rm -rf / && | > x",
    "typst": '#import "/etc/passwd" #show: x => y $ x $ <label> @ref',
    "typst's code": '#{read("/etc/passwd")} #eval("1")',
    "typst's comments": "// gone /* gone too */ https://example.org",
    "latex": "\\begin{document} % gone & ~ ^ _ # $",
    # spreadsheets
    "a formula": "=1+1",
    "a formula with plus": "+1+1",
    "a formula with minus": "-1+1",
    "a formula with at": "@SUM(A1)",
    "a formula that asks": '=HYPERLINK("http://example.org","x")',
    "a formula that runs": "=cmd|' /C calc'!A0",
    "a formula after a tab": "\t=1+1",
    "a full-width formula": "\uff1d1+1",
    "a formula in quotes": '"=1+1"',
    "a cell's end": 'a","b',
    "a date": "1/2",
    "a long number": "00012345678901234567890",
    "an exponent": "1e309",
    # SQL, paths, and what programs take for something
    "sql": "'; DROP TABLE schools; --",
    "a path": "../../../etc/passwd",
    "a file address": "file:///etc/passwd",
    "a windows path": "C:\\Users\\x\\y",
    "nothing": "null None nan NaN NA N/A undefined",
    "a mark of ours": "[c] [x] [z]",
    "a key of ours": "staff.spsc.level.morale.t1.all.mean",
    "yaml": "a: b !!python/object/apply:os.system ['id'] &x *x",
    "json": '{"a": [1, 2], "__proto__": {}}',
    "xml": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    # letters
    "accents": "Zo\u00eb, na\u00efve, \u0141ód\u017a, \u0130stanbul",
    "letters put together": "e\u0301 o\u0308 n\u0303",
    "right to left": "\u05e9\u05dc\u05d5\u05dd and \u0645\u0631\u062d\u0628\u0627",
    "turned round": "abc\u202edef\u202c",
    "isolated": "\u2066abc\u2069 \u2067def\u2069",
    "zero width": "a\u200bb\u200cc\u200dd\ufeffe",
    "separators of lines": "a\u2028b\u2029c\u0085d",
    "spaces": "a\u00a0b\u2003c\u3000d",
    "soft hyphens": "re\u00adsil\u00adience",
    "emoji": "\U0001f600 \U0001f469\u200d\U0001f467 \U0001f1ec\U0001f1e7",
    "full width": "\uff26\uff55\uff4c\uff4c",
    "mathematical letters": "\U0001d5d4\U0001d5ef\U0001d5f0",
    "other scripts": "\u4f60\u597d \u3053\u3093 \ud55c \u0928\u092e \u0e2a\u0e27",
    "rare characters": "\u2e3b \ua66e \U00012031",
    "many accents": "a" + "\u0301" * 40,
    "a private character": "\ue000 \U000f0000",
    "a replacement": "\ufffd",
    "look-alikes": "\u0430\u0440\u0440l\u0435 \u01c3",
    # size
    "a long word": "a" * 20_000,
    "a long text": "word " * 5_000,
    "many brackets": "[" * 500 + "]" * 500,
    "many stars": "*" * 1_000,
    "many marks of a quotation": ">" * 200,
    "many tags": "<b>" * 300,
    "a space": " ",
    "one mark": "-",
}


def _zip(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


_ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><z>&j;</z>"
)
_OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
_SHEET = b"<worksheet><sheetData><row r='1048577'><c r='ZZZZ1'/></row></sheetData></worksheet>"

#: Files by what is the matter with them: name and content.
FILES = {
    "nothing": ("a.csv", b""),
    "white space": ("a.csv", b" \n\n\t\n"),
    "a heading alone": ("a.csv", b"code,school,A1\n"),
    "a byte-order mark alone": ("a.csv", b"\xef\xbb\xbf"),
    "a nought": ("a.csv", b"code,A1\nAB\x0012,4\n"),
    "noughts alone": ("a.csv", bytes(1000)),
    "UTF-16 without a mark": ("a.csv", "code,A1\nAB12,4\n".encode("utf-16-le")),
    "UTF-32": ("a.csv", "code,A1\nAB12,4\n".encode("utf-32")),
    "half a letter": ("a.csv", "code,A1\nZo\u00eb,4\n".encode()[:-4] + b"\xc3"),
    "letters of two encodings": ("a.csv", b"code,A1\nZo\xeb,4\nZo\xc3\xab,5\n"),
    "a quotation mark without end": ("a.csv", b'code,A1\n"AB12,4\nCD34,5\n'),
    "a quotation mark inside": ("a.csv", b'code,A1\nA"B12,4\n'),
    "lines of old Macs": ("a.csv", b"code,A1\rAB12,4\rCD34,5\r"),
    "lines of all kinds": ("a.csv", b"code,A1\r\nAB12,4\nCD34,5\rEF56,3\r\r\n"),
    "rows of other lengths": ("a.csv", b"code,A1,A2\nAB12,4\nCD34,5,6,7\n"),
    "the same heading": ("a.csv", b"code,A1,A1\nAB12,4,5\n"),
    "headings of nothing": ("a.csv", b",,\nAB12,4,5\n"),
    "2,000 columns": ("a.csv", b",".join(b"a%d" % n for n in range(2_000)) + b"\n1\n"),
    "a cell of a million letters": ("a.csv", b"code,A1\n" + b"a" * 1_000_000 + b",4\n"),
    "one long line": ("a.csv", b"a" * 500_000),
    "control characters": ("a.csv", b"code,A1\n\x01\x02\x1b[31mAB,4\n"),
    "formulas": ("a.csv", b'code,A1\n"=cmd|\'/C calc\'!A0",4\n+1,5\n'),
    "html": ("a.csv", b"<html><body><table><tr><td>code</td></tr></table></body></html>"),
    "a page for signing in": ("a.csv", b"<!DOCTYPE html><title>Sign in</title>"),
    "json in a table's name": ("a.csv", b'{"a": 1}'),
    "a picture": ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(50)),
    "a PDF": ("a.csv", b"%PDF-1.7\n%\xe2\xe3\n"),
    "a program": ("a.csv", b"MZ\x90\x00" + bytes(100)),
    "compressed": ("a.csv", gzip.compress(b"code,A1\nAB12,4\n")),
    "a separator stated and not used": ("a.csv", b"sep=;\ncode,A1\nAB12,4\n"),
    "a workbook of nothing": ("a.xlsx", b""),
    "the beginning of a workbook": ("a.xlsx", b"PK\x03\x04"),
    "half a workbook": ("a.xlsx", _zip(**{"xl/workbook.xml": b"<a/>" * 500})[:200]),
    "an archive that is none": ("a.xlsx", _zip(**{"notes.txt": b"x"})),
    "a workbook without sheets": ("a.xlsx", _zip(**{"xl/workbook.xml": b"<workbook/>"})),
    "entities that grow": ("a.xlsx", _zip(**{"xl/workbook.xml": _ENTITIES})),
    "an entity from outside": ("a.xlsx", _zip(**{"xl/workbook.xml": _OUTSIDE})),
    "a row beyond the last": ("a.xlsx", _zip(**{"xl/worksheets/sheet1.xml": _SHEET})),
    "an archive that grows": ("a.xlsx", _zip(**{"xl/sharedStrings.xml": bytes(30_000_000)})),
    "a name that leads out": ("a.xlsx", _zip(**{"../../x.xml": b"x"})),
    "an old workbook": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "a table called a workbook": ("a.xlsx", b"code,A1\nAB12,4\n"),
    "a workbook called a table": ("a.csv", _zip(**{"xl/workbook.xml": b"<workbook/>"})),
    "OpenDocument of nothing": ("a.ods", _zip(mimetype=b"application/vnd.oasis.opendocument.spreadsheet")),
    "SPSS of nothing": ("a.sav", b"$FL2" + bytes(200)),
    "SPSS cut short": ("a.sav", b"$FL2@(#) SPSS DATA FILE"),
    "Stata of nothing": ("a.dta", b"<stata_dta><header>"),
    "Stata cut short": ("a.dta", b"\x72\x02\x01\x00" + bytes(20)),
    "a database of nothing": ("a.sqlite3", b"SQLite format 3\x00" + bytes(100)),
    "a database cut short": ("a.qda", b"SQLite format 3\x00"),
    "a project of nothing": ("a.qdpx", _zip(**{"project.qde": b""})),
    "a project that grows by entities": ("a.qdpx", _zip(**{"project.qde": _ENTITIES})),
    "a project that reads outside": ("a.qdpx", _zip(**{"project.qde": _OUTSIDE})),
    "a project without its project": ("a.qdpx", _zip(**{"sources/a.txt": b"x"})),
    "a project of deep codes": (
        "a.qdpx", _zip(**{"project.qde": b"<Project><CodeBook><Codes>" + b"<Code name='a'>" * 20_000})
    ),
    "a codebook of nothing": ("a.qdc", b""),
    "a codebook of entities": ("a.qdc", _ENTITIES),
    "a codebook that is none": ("a.qdc", b"<a/>"),
    "json of nothing": ("a.json", b""),
    "deep json": ("a.json", b"[" * 100_000),
    "json of a number": ("a.json", b"1"),
    "json with a key twice": ("a.json", json.dumps({"a": 1}).encode()[:-1] + b', "a": 2}'),
}  # fmt: skip
