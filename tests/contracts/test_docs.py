"""What the documents list is what there is."""

from __future__ import annotations

import re

from django.conf import settings

from activity.log.verbs import VERBS
from activity.models import Activity

DOCS = settings.BASE_DIR / "docs"


def rows(text: str, heading: str) -> dict[str, str]:
    """The first table after a heading: the names in its first cell, and the next cell."""
    _, _, rest = text.partition(f"\n{heading}\n")
    cells = re.findall(r"^\| (`[^|]*`) \| ([^|]*) \|", rest.partition("\n## ")[0], re.MULTILINE)
    return {name: what for names, what in cells for name in re.findall(r"`(\w+)`", names)}


def test_the_log_s_page_names_every_verb():
    table = rows((DOCS / "log.md").read_text(), "## Verbs")
    listed = {f"{noun}.{past}" for noun, verbs in table.items() for past in verbs.split()}
    assert listed == VERBS.keys()


def test_the_log_s_page_names_every_column():
    text = (DOCS / "log.md").read_text()
    named = set(re.findall(r"`(\w+)`", text.partition("\n## Texts")[0]))
    assert {field.name for field in Activity._meta.get_fields() if field.concrete} - {"id"} <= named


def test_every_link_between_documents_leads_somewhere():
    for page in [settings.BASE_DIR / "README.md", *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
