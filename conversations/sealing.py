"""Secrets at rest: encrypted under keys made from SECRET_KEY, one for each purpose."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(text: str, purpose: str) -> str:
    """Return a text encrypted, for the database."""
    return _cipher(purpose).encrypt(text.encode()).decode()


def opened(sealed: str, purpose: str) -> str | None:
    """Return what was sealed; None when it cannot be read, as after a change of SECRET_KEY."""
    try:
        return _cipher(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _cipher(purpose: str) -> Fernet:
    """Return the cipher of a purpose (HKDF, RFC 5869)."""
    derived = HKDF(SHA256(), length=32, salt=None, info=f"supportbot {purpose}".encode()).derive(
        settings.SECRET_KEY.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
