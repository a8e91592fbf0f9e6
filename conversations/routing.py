"""Socket addresses."""

from channels.sessions import CookieMiddleware
from django.urls import path

from conversations.consumers import ChatConsumer
from conversations.desk.consumer import DeskConsumer

websocket_urlpatterns = [
    path("ws/chat/", ChatConsumer.as_asgi()),
    path("ws/desk/", CookieMiddleware(DeskConsumer.as_asgi())),
]
