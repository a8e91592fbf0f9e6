"""How the admin looks and what its side bar offers; read by settings as UNFOLD."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

# Unfold names colours by weight. Hue and chroma follow --accent in static/tokens.css.
_PRIMARY = {
    "50": "oklch(97.5% .012 215)",
    "100": "oklch(94.5% .024 215)",
    "200": "oklch(89% .042 215)",
    "300": "oklch(82% .062 215)",
    "400": "oklch(76% .08 215)",
    "500": "oklch(72% .09 215)",
    "600": "oklch(46% .085 215)",
    "700": "oklch(41% .076 215)",
    "800": "oklch(35% .064 215)",
    "900": "oklch(29% .052 215)",
    "950": "oklch(22% .038 215)",
}
_BASE = {
    "50": "oklch(97.6% .003 230)",
    "100": "oklch(94.9% .005 230)",
    "200": "oklch(91.2% .006 230)",
    "300": "oklch(85% .008 230)",
    "400": "oklch(73.5% .01 230)",
    "500": "oklch(52% .014 230)",
    "600": "oklch(44% .014 230)",
    "700": "oklch(35% .014 230)",
    "800": "oklch(27% .01 230)",
    "900": "oklch(20% .008 230)",
    "950": "oklch(15% .006 230)",
}


def _may(permission: str) -> Callable[[HttpRequest], bool]:
    def allowed(request: HttpRequest) -> bool:
        return request.user.has_perm(permission)

    return allowed


def _item(title: str, icon: str, model: str, **more: str) -> dict[str, Any]:
    """Return a link to a model's list for those who may view it. `model`: app.model."""
    app, _, name = model.partition(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
        "permission": _may(f"{app}.view_{name}"),
        **more,
    }


def _page(title: str, icon: str, name: str, permission: str) -> dict[str, Any]:
    """Return a link to a page of our own for those who have a permission on documents."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{name}"),
        "permission": _may(f"knowledge.{permission}"),
    }


def _file(name: str) -> Callable[[HttpRequest], str]:
    return lambda request: static(name)


NAVIGATION: list[dict[str, Any]] = [
    {
        "title": "Inbox",
        "items": [
            {
                "title": "Desk",
                "icon": "dock_to_left",
                "link": reverse_lazy("admin:desk"),
                "permission": _may("conversations.view_conversation"),
            },
            _item(
                "Escalations",
                "support_agent",
                "conversations.escalation",
                badge="supportbot.dashboard.waiting_badge",
            ),
            _item("Conversations", "forum", "conversations.conversation"),
            _item("Working hours", "schedule", "conversations.workinghours"),
            _item("Teams", "diversity_3", "conversations.team"),
            _item("Canned replies", "bolt", "conversations.cannedreply"),
        ],
    },
    {
        "title": "Knowledge",
        "items": [
            _item("Documents", "description", "knowledge.document"),
            _item("FAQ", "quiz", "knowledge.faqentry"),
            _item("Sources", "sync", "knowledge.source"),
            _item("Collections", "folder", "knowledge.collection"),
            _item("Audiences", "group", "knowledge.audience"),
            _item("Contradictions", "compare_arrows", "knowledge.contradiction"),
            _item("Duplicates", "content_copy", "knowledge.duplicatepair"),
            _item("Index", "database", "knowledge.indexgeneration"),
            _item("Golden questions", "star", "knowledge.goldenquestion"),
            _page("Test the search", "manage_search", "knowledge_search", "change_document"),
            _page("Try the bot", "chat", "try_bot", "add_document"),
            _item("Vocabulary", "match_word", "knowledge.vocabularyentry"),
            _item("Rules", "rule", "conversations.rule"),
            _item("Sensitive topics", "health_and_safety", "conversations.sensitivetopic"),
        ],
    },
    {
        "title": "Bot",
        "items": [
            _item("Instructions", "tune", "conversations.instructions"),
            {
                "title": "Prompts",
                "icon": "terminal",
                "link": reverse_lazy("admin:prompts"),
                "permission": _may("conversations.view_instructions"),
            },
            _item("Chat page", "chat_bubble", "conversations.chatpage"),
            _item("Pause and banner", "pause_circle", "conversations.servicestate"),
        ],
    },
    {
        "title": "Quality",
        "items": [
            _item("Answers", "quickreply", "conversations.answer"),
            _item("Feedback", "thumbs_up_down", "conversations.feedback"),
            _item("Chats rated", "star_half", "conversations.chatrating"),
            _item("Reported problems", "flag", "conversations.problemreport"),
            _item("Flagged answers", "flag", "conversations.answerflag"),
            _item("Given again", "cached", "conversations.cachehit"),
            _item("Kept answers", "inventory_2", "conversations.cachedanswer"),
        ],
    },
    {
        "title": "Records",
        "items": [
            _item("LLM calls", "receipt_long", "observability.llmcall"),
            _item("Incidents", "report", "observability.incident"),
            _item("Notices", "outgoing_mail", "conversations.notice"),
            _item("Acts at the desk", "history", "conversations.deskact"),
        ],
    },
    {
        "title": "Setup",
        "items": [
            {
                "title": "Checklist",
                "icon": "checklist",
                "link": reverse_lazy("admin:checklist"),
                "permission": "supportbot.checklist.may_see",
            },
            _item("Model", "neurology", "conversations.modelconnection"),
            _item("Sites", "language", "conversations.site"),
            _item("People", "badge", "auth.user"),
            _item("Groups", "groups", "auth.group"),
            _item("Agents' readers", "visibility", "conversations.agentreaders"),
        ],
    },
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "supportbot",
    "SITE_HEADER": "supportbot",
    "SITE_SYMBOL": "support_agent",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _file("chat/mark.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_BACK_BUTTON": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "base": _BASE,
        "primary": _PRIMARY,
        "font": {
            "subtle-light": "var(--color-base-500)",
            "subtle-dark": "var(--color-base-400)",
            "default-light": "var(--color-base-700)",
            "default-dark": "var(--color-base-300)",
            "important-light": "var(--color-base-900)",
            "important-dark": "var(--color-base-100)",
        },
    },
    "STYLES": [
        _file("tokens.css"),
        _file("admin/supportbot.css"),
        _file("admin/overview.css"),
        _file("admin/conversation.css"),
        _file("admin/trials.css"),
    ],
    "SCRIPTS": [_file("admin/keyboard.js"), _file("admin/presence.js")],
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": NAVIGATION},
}
