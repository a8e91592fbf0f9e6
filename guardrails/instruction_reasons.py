"""Why a sentence is taken for an instruction to the assistant."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a sentence is taken for an instruction; IN_WORDS says it to people."""

    OVERRIDE = "override"
    DISCLOSURE = "disclosure"
    ROLE = "role"
    MARKS = "marks"
    REPLY = "reply"
    PRETENCE = "pretence"
    TASK = "task"
    ACTION = "action"
    HIDDEN = "hidden"


IN_WORDS = {
    Reason.OVERRIDE: "tells the assistant to disregard its instructions or its sources",
    Reason.DISCLOSURE: "asks for the assistant's instructions or for other people's data",
    Reason.ROLE: "gives the assistant another role or lifts its limits",
    Reason.MARKS: "has marks that set messages to a language model apart",
    Reason.REPLY: "tells the assistant how to word its replies or what to put into them",
    Reason.PRETENCE: "gets the assistant to state something made up",
    Reason.TASK: "gives a language model a task over a quoted text",
    Reason.ACTION: "tells the assistant to do something and keep it secret",
    Reason.HIDDEN: "hides an instruction to the assistant in a cipher or an encoding",
}
