"""The page where an operator sets what the chat page without a site offers."""

from __future__ import annotations

from django.contrib import admin

from conversations.admin.one_row import OneRowAdmin
from conversations.admin.quick_replies import QuickRepliesForm
from conversations.models import ChatPage


@admin.register(ChatPage)
class ChatPageAdmin(OneRowAdmin):
    """The quick replies of the plain chat page."""

    form = QuickRepliesForm
    fields = ("quick_replies",)
