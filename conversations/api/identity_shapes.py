"""What goes in and out of the endpoints about who a visitor is."""

from __future__ import annotations

from rest_framework import serializers

# More than a token may have, so that one which is too large gets its own reason.
_MOST_SENT = 100_000


class IdentifySerializer(serializers.Serializer[object]):
    """A customer's token, and the site whose server signed it."""

    site = serializers.CharField(max_length=40)
    token = serializers.CharField(max_length=_MOST_SENT, trim_whitespace=False)
    conversation = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The chat that is shown; comes back when the customer may go on with it",
    )


class TokensSerializer(serializers.Serializer[object]):
    """A token and for how long it counts. `renewal` is empty: the one before goes on counting."""

    token = serializers.CharField()
    renewal = serializers.CharField(allow_blank=True)
    expires_in_seconds = serializers.IntegerField()


class IdentifiedSerializer(TokensSerializer):
    """A verified customer's tokens."""

    verified = serializers.BooleanField()
    chats_joined = serializers.IntegerField(help_text="Chats that came along, begun unknown")
    conversation = serializers.UUIDField(allow_null=True)


class RefusedSerializer(serializers.Serializer[object]):
    """Why a token is not taken: `reason` is one of a fixed set of codes."""

    code = serializers.CharField()
    reason = serializers.CharField(required=False)
    text = serializers.CharField()


class RenewSerializer(serializers.Serializer[object]):
    """The renewal token."""

    renewal = serializers.CharField(max_length=200)


class ForgetSerializer(serializers.Serializer[object]):
    """The renewal token of the browser that signs out."""

    renewal = serializers.CharField(max_length=200)
