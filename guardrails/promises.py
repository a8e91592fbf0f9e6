"""Finds sentences that promise money or an action, or claim that something was done.

The assistant can do nothing and may grant nothing; only what a page promises to everybody may be
repeated. In English, German, French and Spanish.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Promise(StrEnum):
    """What is promised. `done`: an action is said to have been taken."""

    MONEY = "money"
    DONE = "done"
    ACTION = "action"


_GIVE = (
    r"(?:re-?fund|reimburse|credit|compensate|waive|discount|guarantee|grant|offer|give|pay|repay|"
    r"return your money|replace|upgrade)"
)
_ACT = (
    r"(?:cancel|extend|re-?send|ship|deliver|escalate|transfer|approve|process|issue|send|reset|"
    r"unlock|delete|remove|update|change|activate|create|book|arrange|contact|call|e-?mail|"
    r"forward|fix|raise|schedule|confirm|verify|make)"
)
_DONE = (
    r"(?:re-?funded|reimbursed|credited|compensated|waived|cancell?ed|discounted|upgraded|"
    r"extended|replaced|re-?sent|shipped|escalated|transferred|approved|processed|issued|granted|"
    r"sent|reset|unlocked|deleted|removed|updated|changed|activated|created|booked|arranged|"
    r"contacted|forwarded|fixed|paid|raised|scheduled|applied|added|verified|confirmed|marked|"
    r"closed|opened|placed|notified|informed)"
)
_WORTH = (
    r"(?:refund|credit|money|compensation|discount|voucher|gift|bonus|reimbursement|free|"
    r"% off|percent off|both items)"
)
_WILL = (
    r"\b(?:i|we)(?:\s+will|['’]ll|\s+shall|\s+can|\s+am going to|\s+are going to|['’]re going to|"
    r"['’]m going to)\s+(?:\w+\s+){0,3}?"
)
_ALREADY = r"(?:just\s+|already\s+|now\s+|successfully\s+)*"
_PATTERNS = {
    Promise.MONEY: (
        rf"{_WILL}{_GIVE}\b",
        r"\byou(?:\s+will|['’]ll|\s+shall|\s+are|['’]re|\s+may|\s+can)?\s+(?:also\s+|now\s+)?"
        r"(?:get|receive|be given|entitled to|eligible for|getting|owed|keep)\b"
        rf"[^.!?\n]{{0,40}}?{_WORTH}\b",
        r"\b(?:refund|credit|payment|compensation|replacement|discount|voucher)\b[^.!?\n]{0,30}\b"
        r"(?:is|are|will be)\s+(?:on (?:its|the|their) way|guaranteed|approved|confirmed|granted|"
        r"yours|paid (?:out )?to you|sent to you|issued to you|processed)\b",
        r"\b(?:we|i)\s+(?:hereby\s+)?(?:guarantee|promise|commit|agree)\b",
        r"\b(?:legally binding|binding offer|as an exception|just this once)\b",
        r"\b(?:wir|ich)\b[^.!?\n]{0,60}\b(?:erstatt\w*|rückerstatt\w*|zurückzahl\w*|gutschr\w*|"
        r"gutgeschrieben|rabatt|gewähr\w*|garantier\w*)",
        r"\bsie\s+(?:erhalten|bekommen)\b[^.!?\n]{0,40}\b(?:erstattung|rückerstattung|gutschrift|"
        r"geld|rabatt|gutschein)",
        r"\b(?:nous|je)\b[^.!?\n]{0,60}\b(?:rembours\w*|crédit\w*|offr\w*|remise|garanti\w*)",
        r"\b(?:vamos a|voy a|hemos|le|te)\s[^.!?\n]{0,30}?(?:reembols\w*|devol\w*|devuelto|"
        r"abon\w*|garantiz\w*)",
    ),
    Promise.DONE: (
        rf"\b(?:i|we)(?:\s+have|['’]ve|\s+had)?\s+{_ALREADY}{_DONE}\b",
        rf"\byour\b[^.!?\n]{{0,40}}\b(?:has|have|was|were)\s+{_ALREADY}(?:been\s+)?{_DONE}\b",
        r"\b(?:wir|ich)\s+habe[n]?\b[^.!?\n]{0,60}\b(?:storniert|geschickt|geändert|gelöscht)",
        r"\b(?:nous avons|j['’]ai)\b[^.!?\n]{0,40}\b(?:annulé|envoyé|modifié|supprimé)",
        r"\b(?:hemos|he)\s+(?:\w+\s+)?(?:cancelado|enviado|cambiado|eliminado)",
    ),
    Promise.ACTION: (rf"{_WILL}{_ACT}\b",),
}
_COMPILED = {
    kind: re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
    for kind, patterns in _PATTERNS.items()
}


def promise_in(sentence: str) -> Promise | None:
    """Return what a sentence promises, the weightiest first; None for nothing."""
    return next((kind for kind, found in _COMPILED.items() if found.search(sentence)), None)
