"""Escalations and conversations: the lists, and the way to each one's page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from conversations.actions.escalations import name_of
from conversations.admin import availability, desk
from conversations.admin.chips import excerpt, state_chip
from conversations.answer_words import ESCALATION_LOOKS, OWNERS
from conversations.models import (
    Conversation,
    Escalation,
    EscalationState,
    Message,
    MessageRole,
)
from conversations.waiting import Urgency, in_words
from observability.read_only_admin import ReadOnlyAdmin, ago

_RUNNING = (EscalationState.OPEN, EscalationState.TAKEN)
_URGENCY = Case(
    When(state=EscalationState.OPEN, then=Value(0)),
    When(state=EscalationState.TAKEN, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)
_SINCE = Case(When(state__in=_RUNNING, then="created_at"))


@admin.register(Escalation)
class EscalationAdmin(ReadOnlyAdmin):
    """Those that wait are on top, the longest wait first."""

    empty_list = (
        "Nobody waits for a person. When a customer asks for one, or the assistant cannot help, "
        "the chat is listed here: open it to reply."
    )
    list_before_template = "admin/conversations/at_the_desk.html"
    list_display = (
        "shown_state",
        "waited",
        "reason",
        "shown_summary",
        "outcome",
        "with_whom",
        "asked",
    )
    list_display_links = ("shown_state", "shown_summary")
    list_filter = ("state", "reason", "agent")
    search_fields = ("summary", "resolution", "conversation__id")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Escalation]:
        """Fetch agents and chats with the rows."""
        rows: QuerySet[Escalation] = super().get_queryset(request)
        return rows.select_related("agent", "conversation")

    def get_ordering(self, request: HttpRequest) -> Any:
        """Return: open, then taken, each the oldest first; then ended ones, the newest first."""
        return (_URGENCY.asc(), _SINCE.asc(), "-created_at")

    def get_urls(self) -> list[URLPattern]:
        """Add the heartbeat and the away switch."""
        view = self.admin_site.admin_view(availability.presence)
        own = path("presence/", view, name="conversations_escalation_presence")
        return [own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Say above the list who is at the desk."""
        shown = availability.at_the_desk(request) if self.has_view_permission(request) else {}
        found: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **shown})
        return found

    @admin.display(description="State", ordering="state")
    def shown_state(self, escalation: Escalation) -> SafeString:
        """Return the state in words with its icon."""
        icon, tone = ESCALATION_LOOKS[escalation.state]
        return state_chip(icon, tone, str(escalation.get_state_display()))

    @admin.display(description="Waited", ordering="created_at")
    def waited(self, escalation: Escalation) -> SafeString | str:
        """Return how long the customer waited, or has been waiting."""
        until = escalation.taken_at or escalation.ended_at or timezone.now()
        passed = until - escalation.created_at
        words = in_words(passed)
        if escalation.state != EscalationState.OPEN:
            return words
        match escalation.urgency():
            case Urgency.MISSED:
                return state_chip("hourglass_bottom", "bad", f"{words}, too long")
            case Urgency.SOON:
                return state_chip("hourglass_top", "warning", f"{words}, soon too long")
            case _:
                return words

    @admin.display(description="Asked", ordering="created_at")
    def asked(self, escalation: Escalation) -> SafeString:
        """Return how long ago the person was asked for."""
        return ago(escalation.created_at)

    @admin.display(description="What it is about")
    def shown_summary(self, escalation: Escalation) -> str:
        """Return the customer's last words."""
        return excerpt(escalation.summary) or "No words yet"

    @admin.display(description="Agent")
    def with_whom(self, escalation: Escalation) -> str:
        """Return who has it."""
        return name_of(escalation.agent) if escalation.agent else "nobody yet"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the conversation's page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        escalation = self.get_object(request, object_id)
        if escalation is None:
            raise Http404
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        context |= {"object": escalation, "escalation_id": escalation.pk}
        return desk.desk_page(request, escalation.conversation, context)


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """Every chat, the newest first."""

    empty_list = (
        "Nobody has written yet. Put the widget on your site, or open the chat page and ask "
        "something."
    )
    list_display = ("last_words", "shown_owner", "with_whom", "last_seq", "when")
    list_filter = ("owner", "agent", "created_at")
    search_fields = ("=id", "messages__text")
    search_help_text = "Words of a message, or the conversation's id"
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        """Fetch the customer's last words with the rows."""
        rows: QuerySet[Conversation] = super().get_queryset(request)
        last = Message.objects.filter(conversation=OuterRef("pk"), role=MessageRole.CUSTOMER)
        return rows.select_related("agent").annotate(
            words=Subquery(last.order_by("-seq").values("text")[:1])
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the page's buttons and its live transcript."""
        view = self.admin_site.admin_view
        return [
            path(
                "<uuid:conversation_id>/act/",
                view(desk.act),
                name="conversations_conversation_act",
            ),
            path(
                "<uuid:conversation_id>/transcript/",
                view(desk.transcript),
                name="conversations_conversation_transcript",
            ),
            *super().get_urls(),
        ]

    @admin.display(description="Customer's last words")
    def last_words(self, conversation: Any) -> str:
        """Return an excerpt."""
        return excerpt(conversation.words or "") or "Nothing written yet"

    @admin.display(description="Last change", ordering="updated_at")
    def when(self, conversation: Conversation) -> SafeString:
        """Return how long ago something happened."""
        return ago(conversation.updated_at)

    @admin.display(description="Who answers", ordering="owner")
    def shown_owner(self, conversation: Conversation) -> SafeString:
        """Return who answers, in words with an icon."""
        return state_chip(*OWNERS[conversation.owner])

    @admin.display(description="Agent")
    def with_whom(self, conversation: Conversation) -> str:
        """Return who has it."""
        return name_of(conversation.agent) if conversation.agent else ""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the conversation's page."""
        conversation = self.get_object(request, object_id)
        if conversation is None:
            raise Http404
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        return desk.desk_page(request, conversation, {**context, "object": conversation})
