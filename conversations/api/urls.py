"""Addresses under /api/v1/."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from conversations.api import attachments, chat, identity, staff, visits

urlpatterns = [
    path("banner/", chat.Banner.as_view()),
    path("conversations/", chat.Conversations.as_view()),
    path("conversations/<uuid:pk>/", chat.ConversationDetail.as_view()),
    path("conversations/<uuid:pk>/messages/", chat.Messages.as_view()),
    path("conversations/<uuid:pk>/escalate/", chat.Escalate.as_view()),
    path("conversations/<uuid:pk>/email/", chat.LeaveEmail.as_view()),
    path("conversations/<uuid:pk>/withdraw/", chat.Withdraw.as_view()),
    path("conversations/<uuid:pk>/typing/", chat.Typing.as_view()),
    path("conversations/<uuid:pk>/attachments/", attachments.HandIn.as_view()),
    path("conversations/<uuid:pk>/attachments/<uuid:attachment>/", attachments.OneFile.as_view()),
    path("conversations/<uuid:pk>/transcript/", visits.Transcript.as_view()),
    path("conversations/<uuid:pk>/transcript/mail/", visits.MailTranscript.as_view()),
    path("conversations/<uuid:pk>/context/", visits.Context.as_view()),
    path("conversations/<uuid:pk>/rating/", visits.RateChat.as_view()),
    path("conversations/<uuid:pk>/signals/", visits.Signals.as_view()),
    path("conversations/<uuid:pk>/reports/", visits.Report.as_view()),
    path("messages/<uuid:pk>/feedback/", chat.Rate.as_view()),
    path("messages/<uuid:pk>/stop/", chat.Stop.as_view()),
    path("messages/<uuid:pk>/retry/", chat.Retry.as_view()),
    path("visitors/identify/", identity.Identify.as_view()),
    path("visitors/renew/", identity.Renew.as_view()),
    path("visitors/forget/", identity.Forget.as_view()),
    path("search/", staff.Search.as_view()),
    path("ask/", staff.Ask.as_view()),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
]
