"""Units of time."""

from __future__ import annotations

EN = {"figure_d": "{n} d", "figure_h": "{n} h", "figure_min": "{n} min", "figure_s": "{n} s"}
ID = {"figure_d": "{n} hr", "figure_h": "{n} jam", "figure_min": "{n} mnt", "figure_s": "{n} dtk"}
