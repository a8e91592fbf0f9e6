"""What the desk keeps, as lists: canned replies, tags, flagged answers, the audit trail."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from conversations.actions.escalations import name_of
from conversations.admin.chips import excerpt
from conversations.models import AgentReaders, AnswerFlag, CannedReply, DeskAct, Tag
from knowledge.admin.form_fields import FORM_FIELDS
from observability.read_only_admin import ReadOnlyAdmin, ago


@admin.register(CannedReply)
class CannedReplyAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Texts that agents put into replies with a slash."""

    empty_list = (
        "No canned reply is stored. Add one: at the desk, agents put it into a reply with / and "
        "its shortcut."
    )
    list_display = ("shortcut", "title", "beginning", "updated_at")
    search_fields = ("shortcut", "title", "text")
    formfield_overrides = FORM_FIELDS

    @admin.display(description="Text")
    def beginning(self, reply: CannedReply) -> str:
        """Return the first words."""
        return excerpt(reply.text)


@admin.register(Tag)
class TagAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Words that agents sort conversations by."""

    empty_list = (
        "No conversation has a tag yet. Agents make tags at the desk; add one here to offer it "
        "there."
    )
    list_display = ("name",)
    search_fields = ("name",)


@admin.register(AgentReaders)
class AgentReadersAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Whose documents an agent's drafts may rest on."""

    empty_list = (
        "Drafts of agents rest on public documents. Add an agent here to let drafts rest on "
        "others too."
    )
    list_display = ("agent", "whose")
    filter_horizontal = ()

    @admin.display(description="Reads as")
    def whose(self, readers: AgentReaders) -> str:
        """Return the audiences in one line."""
        return ", ".join(str(audience) for audience in readers.audiences.all()) or "nobody"


@admin.register(AnswerFlag)
class AnswerFlagAdmin(ReadOnlyAdmin):
    """Answers that agents want looked at. The desk makes FAQ entries of them."""

    empty_list = (
        "No answer is flagged. Agents flag one at the desk when it was wrong or is worth a FAQ "
        "entry."
    )
    list_display = ("question", "comment", "who", "entry", "when", "at_desk")
    search_fields = ("comment", "answer__question")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AnswerFlag]:
        """Fetch the answers with the rows."""
        rows: QuerySet[AnswerFlag] = super().get_queryset(request)
        return rows.select_related("answer__message", "agent", "entry")

    @admin.display(description="Question")
    def question(self, flag: AnswerFlag) -> str:
        """Return what was asked."""
        return excerpt(flag.answer.question)

    @admin.display(description="By")
    def who(self, flag: AnswerFlag) -> str:
        """Return who flagged it."""
        return _name(flag.agent)

    @admin.display(description="When", ordering="created_at")
    def when(self, flag: AnswerFlag) -> SafeString:
        """Return how long ago."""
        return ago(flag.created_at)

    @admin.display(description="Conversation")
    def at_desk(self, flag: AnswerFlag) -> SafeString:
        """Return a link to the conversation at the desk."""
        return _at_desk(flag.answer.message.conversation_id)


@admin.register(DeskAct)
class DeskActAdmin(ReadOnlyAdmin):
    """Who did what at the desk, the newest first."""

    empty_list = "Nothing has been done at the desk yet. Each act there leaves a row here."
    list_display = ("when", "who", "verb", "detail", "at_desk")
    list_filter = ("verb", "agent")
    list_per_page = 100

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeskAct]:
        """Fetch the agents with the rows."""
        rows: QuerySet[DeskAct] = super().get_queryset(request)
        return rows.select_related("agent")

    @admin.display(description="When", ordering="created_at")
    def when(self, act: DeskAct) -> SafeString:
        """Return how long ago."""
        return ago(act.created_at)

    @admin.display(description="Who")
    def who(self, act: DeskAct) -> str:
        """Return the agent's name."""
        return _name(act.agent)

    @admin.display(description="Conversation")
    def at_desk(self, act: DeskAct) -> SafeString:
        """Return a link to the conversation at the desk."""
        return _at_desk(act.conversation_id)


def _name(agent: Any) -> str:
    return name_of(agent) if agent else "somebody who is gone"


def _at_desk(conversation_id: object) -> SafeString:
    return format_html(
        '<a class="sb-link" href="{}?c={}">Open at the desk</a>',
        reverse("admin:desk"),
        conversation_id,
    )
