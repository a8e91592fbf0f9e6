"""What goes in and out of the endpoints around a chat."""

from __future__ import annotations

from rest_framework import serializers

from conversations.models import ProblemReport


class StartSerializer(serializers.Serializer[object]):
    """Where a chat begins: a site's key, or nothing for our own page.

    `language`: that of the page's words, in which notices and letters come too.
    """

    site = serializers.CharField(required=False, allow_blank=True, default="", max_length=40)
    language = serializers.CharField(required=False, allow_blank=True, default="", max_length=40)


class ListedSerializer(serializers.Serializer[object]):
    """One of the visitor's chats."""

    id = serializers.UUIDField()
    title = serializers.CharField(allow_blank=True)
    owner = serializers.CharField()
    last_seq = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class ChatsSerializer(serializers.Serializer[object]):
    """The visitor's chats, the newest first."""

    conversations = ListedSerializer(many=True)


class ErasedSerializer(serializers.Serializer[object]):
    """How many chats the visitor has left; without any the token is void."""

    chats_left = serializers.IntegerField()


class MailTranscriptSerializer(serializers.Serializer[object]):
    """Where the chat is sent to, and in which language the words around it are."""

    email = serializers.CharField(max_length=254)
    language = serializers.CharField(required=False, allow_blank=True, default="", max_length=5)


class ContextSerializer(serializers.Serializer[object]):
    """Where the customer is and what the page says; what is left out stays as it was."""

    page_url = serializers.CharField(required=False, allow_blank=True, max_length=8000)
    page_title = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    values = serializers.DictField(required=False)
    name = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    email = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class ChatRatingSerializer(serializers.Serializer[object]):
    """Was it solved, and how was it."""

    solved = serializers.BooleanField()
    stars = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=5
    )
    comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class SignalSerializer(serializers.Serializer[object]):
    """One thing that happened with a reply; `marker` is a source's number. `back` ends `left`."""

    kind = serializers.ChoiceField(choices=["source_opened", "copied", "left", "back"])
    message = serializers.UUIDField(required=False, allow_null=True, default=None)
    marker = serializers.IntegerField(required=False, default=0, min_value=0, max_value=100)


class SignalsSerializer(serializers.Serializer[object]):
    """What happened since the last time."""

    signals = serializers.ListField(child=SignalSerializer(), max_length=50)


class ReportSerializer(serializers.Serializer[object]):
    """What is wrong, with which message."""

    kind = serializers.ChoiceField(choices=ProblemReport.Kind.choices)
    text = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)
    message = serializers.UUIDField(required=False, allow_null=True, default=None)
