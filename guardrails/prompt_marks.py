"""Marks that prompts are built with, and images whose address carries data out."""

from __future__ import annotations

import re

# (a piece that the text must have, weight, pattern), looked for in the text as it is.
MARKS: tuple[tuple[str, float, re.Pattern[str]], ...] = (
    (
        "<|",
        1.0,
        re.compile(
            r"<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|eot_id|end_of_text"
            r"|start_header_id|end_header_id|begin_of_text|endofprompt)\|>"
        ),
    ),
    ("SYS>>", 1.0, re.compile(r"<</?SYS>>")),
    ("{{", 1.0, re.compile(r"\{\{[#~/]{1,2}(?:system|user|assistant)")),
    (
        "![",
        1.0,
        re.compile(r"!\[[^\[\]\n]{0,200}\]\(https?://[^)\s{<\[]{1,200}[=/](?:\{|<|\[|%7B)"),
    ),
    ("INST]", 0.6, re.compile(r"\[/?INST\]")),
    (
        "###",
        0.6,
        re.compile(r"###\s{0,3}(?:instruction|system|response|human|assistant)s?\s?:", re.I),
    ),
    (
        " OF ",
        0.6,
        re.compile(
            r"\b(?:END|BEGIN|BEGINNING|START) OF (?:THE )?(?:CUSTOMER |USER |SYSTEM |RETRIEVED )?"
            r"(?:MESSAGE|PROMPT|INSTRUCTIONS|CONTEXT|DOCUMENTS?|INPUT|CONVERSATION)\b"
        ),
    ),
    (
        "SYSTEM",
        0.6,
        re.compile(r"\b(?:END|BEGIN|START|NEW) SYSTEM (?:MESSAGE|PROMPT|INSTRUCTIONS?)\b"),
    ),
    ("PROMPT", 0.6, re.compile(r"[\[{<]\W{0,3}(?:INSERT |YOUR |ENTER )?PROMPT\b")),
    ("DAN", 0.5, re.compile(r"\bDAN\b")),
    (
        "</",
        0.5,
        re.compile(
            r"</(?:context|documents?|system|instructions?|prompt|passages?|sources?)>", re.I
        ),
    ),
)
