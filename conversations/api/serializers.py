"""What goes in and out of the REST endpoints."""

from __future__ import annotations

from rest_framework import serializers


class StartedSerializer(serializers.Serializer[object]):
    """A new conversation; `token` and `renewal` are empty when a known visitor made it.

    The token counts for `expires_in_seconds`; the renewal token gets the next one.
    """

    id = serializers.UUIDField()
    token = serializers.CharField(allow_blank=True)
    renewal = serializers.CharField(allow_blank=True)
    expires_in_seconds = serializers.IntegerField(allow_null=True)
    owner = serializers.CharField()
    agent = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    place = serializers.IntegerField(help_text="In the queue for a person; 0: none to tell")
    last_seq = serializers.IntegerField()
    max_characters = serializers.IntegerField()


class ConversationSerializer(serializers.Serializer[object]):
    """The state of a conversation."""

    id = serializers.UUIDField()
    owner = serializers.CharField()
    agent = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    place = serializers.IntegerField(help_text="In the queue for a person; 0: none to tell")
    last_seq = serializers.IntegerField()


class CitationSerializer(serializers.Serializer[object]):
    """A source of an answer."""

    marker = serializers.IntegerField()
    title = serializers.CharField()
    heading = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    quote = serializers.CharField()
    passage = serializers.CharField()
    passage_html = serializers.CharField()


class AnswerSerializer(serializers.Serializer[object]):
    """How a final reply came about, as far as customers see it."""

    disposition = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    confidence_level = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())
    human_offered = serializers.BooleanField()
    citations = CitationSerializer(many=True)
    related = serializers.ListField(child=serializers.DictField())
    alternatives = serializers.ListField(child=serializers.CharField())
    form_fields = serializers.ListField(child=serializers.CharField())
    feedback = serializers.IntegerField()


class AttachmentSerializer(serializers.Serializer[object]):
    """A file of a message; `client_id` is the id its sender made."""

    id = serializers.UUIDField()
    client_id = serializers.UUIDField()
    name = serializers.CharField()
    type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes")
    width = serializers.IntegerField(help_text="Pixels; 0 for what is no picture")
    height = serializers.IntegerField()


class MessageSerializer(serializers.Serializer[object]):
    """A stored message, the same as the socket's `message` frame."""

    type = serializers.CharField()
    id = serializers.UUIDField()
    seq = serializers.IntegerField()
    client_id = serializers.UUIDField(allow_null=True)
    role = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    text = serializers.CharField()
    html = serializers.CharField(allow_blank=True)
    code = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    reply_to = serializers.UUIDField(allow_null=True)
    author = serializers.CharField(allow_blank=True)
    edited = serializers.BooleanField()
    withdrawn = serializers.BooleanField()
    attachments = AttachmentSerializer(many=True)
    answer = AnswerSerializer(allow_null=True)


class BannerSerializer(serializers.Serializer[object]):
    """The banner about an incident; an empty text: none stands."""

    type = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    seconds_left = serializers.IntegerField(allow_null=True)
    version = serializers.CharField(allow_blank=True)


class MessagesSerializer(serializers.Serializer[object]):
    """Messages after a sequence number, who answers, states of open questions, the banner."""

    messages = MessageSerializer(many=True)
    owner = serializers.CharField()
    agent = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    place = serializers.IntegerField(help_text="In the queue for a person; 0: none to tell")
    last_seq = serializers.IntegerField()
    states = serializers.DictField(child=serializers.CharField())
    banner = BannerSerializer()
    typing = serializers.CharField(allow_blank=True, help_text='"agent" while the agent types')
    changes = serializers.CharField(help_text="Sent along with the next wait")


class SendSerializer(serializers.Serializer[object]):
    """A customer's message. The same client_id again is the same message.

    `attachments`: the client ids of files handed in before; with one the text may be empty.
    """

    client_id = serializers.UUIDField()
    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=100_000)
    attachments = serializers.ListField(
        child=serializers.UUIDField(), required=False, default=lambda: [], max_length=100
    )


class FileSerializer(serializers.Serializer[object]):
    """A file to send with a message. The same client_id again is the same file."""

    client_id = serializers.UUIDField()
    file = serializers.FileField(allow_empty_file=True)


class AcceptedSerializer(serializers.Serializer[object]):
    """An acknowledged message."""

    id = serializers.UUIDField()
    client_id = serializers.UUIDField()
    seq = serializers.IntegerField()
    state = serializers.CharField()


class FeedbackSerializer(serializers.Serializer[object]):
    """A rating: 1, -1, or 0 to take it back."""

    rating = serializers.ChoiceField(choices=[1, -1, 0])
    reason = serializers.CharField(required=False, allow_blank=True, default="")
    comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class EscalateSerializer(serializers.Serializer[object]):
    """A request for a person, with an optional note."""

    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class EmailSerializer(serializers.Serializer[object]):
    """The address that replies are sent to as well."""

    email = serializers.CharField(max_length=254)


class ErrorSerializer(serializers.Serializer[object]):
    """Every error has this shape."""

    code = serializers.CharField()
    text = serializers.CharField()
    retry_after_seconds = serializers.IntegerField(required=False)


class SearchQuerySerializer(serializers.Serializer[object]):
    """A search as a reader of some audiences."""

    query = serializers.CharField(max_length=8000)
    collection = serializers.CharField(required=False, allow_blank=True, default="")
    audience = serializers.ListField(
        child=serializers.CharField(), required=False, default=lambda: ["public"]
    )
    limit = serializers.IntegerField(required=False, default=10, min_value=1, max_value=50)


class AskSerializer(serializers.Serializer[object]):
    """A question as a reader of some audiences, with earlier turns."""

    question = serializers.CharField(max_length=20_000)
    collection = serializers.CharField(required=False, allow_blank=True, default="")
    audience = serializers.ListField(
        child=serializers.CharField(), required=False, default=lambda: ["public"]
    )
    history = serializers.ListField(required=False, default=lambda: [])
