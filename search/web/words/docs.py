"""Words of the API's description, which itself is in English."""

from __future__ import annotations

EN = {
    "docs_machine": "For programs:",
    "docs_parameters": "Parameters",
    "docs_answers": "Answers",
}
ID = {
    "docs_machine": "Untuk program:",
    "docs_parameters": "Parameter",
    "docs_answers": "Jawaban",
}
