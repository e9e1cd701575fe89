"""The page at /: one file without a network, and the policy that keeps it so."""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import re

__all__ = ["page", "policy"]


def page() -> str:
    """The HTML. It is the same for every model: it asks /health what to show."""
    return (importlib.resources.files("kerasseq_serve") / "page.html").read_text(encoding="utf-8")


def policy(html: str) -> str:
    """A Content-Security-Policy that allows the script and the style of `html`, and requests to this service alone."""
    script, style = (_hashed(html, tag) for tag in ("script", "style"))
    return (
        f"default-src 'none'; script-src '{script}'; style-src '{style}'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _hashed(html: str, tag: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
    content = found[1] if found else ""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode("ascii")
