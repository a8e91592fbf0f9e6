"""Addresses of the customer's pages."""

from __future__ import annotations

from django.urls import path

from conversations.pages import chat_page

urlpatterns = [path("", chat_page, name="chat")]
