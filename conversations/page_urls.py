"""Addresses of the customer's pages."""

from __future__ import annotations

from django.urls import path

from conversations import site_pages
from conversations.chat_files import chat_file
from conversations.pages import chat_page

urlpatterns = [
    path("", chat_page, name="chat"),
    path("chat-files/<str:name>", chat_file),
    path("chat/<str:key>", site_pages.hosted_chat, name="site_chat"),
    path("widget.js", site_pages.widget_script, name="widget_script"),
    path("widget/loader.js", site_pages.widget_script),
    path("widget/<str:key>", site_pages.framed_chat, name="site_frame"),
    path("widget/<str:key>/watch", site_pages.unread_watch, name="site_watch"),
    path("widget/<str:key>/theme.css", site_pages.theme, name="site_theme"),
    path("widget/<str:key>/logo", site_pages.logo, name="site_logo"),
]
