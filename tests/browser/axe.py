"""What axe-core finds wrong with a page for readers who do not see, point or tell colours as others do."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import Page

GRAVE = frozenset({"serious", "critical"})


def serious_faults(page: Page) -> list[str]:
    """A line for each serious or critical fault, with the first places where it is; none: an empty list.

    Motion is stopped first: a text that fades in has too little contrast for a moment.
    """
    page.emulate_media(reduced_motion="reduce")
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']}: "
        + "; ".join(" ".join(map(str, node["target"])) for node in fault["nodes"][:5])
        for fault in found
        if fault["impact"] in GRAVE
    ]
