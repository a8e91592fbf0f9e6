"""Public keys that a host site's tokens are checked with. No database here."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

LEAST_RSA_BITS = 2048
MOST_CHARACTERS = 4000


class BadKey(ValueError):
    """The text is no public key for this algorithm; the message says what to do."""


def normalised_key(text: str, algorithm: str) -> str:
    """Return a public key in its one form (PEM). Raises BadKey."""
    given = text.strip()
    if "PRIVATE KEY" in given:
        raise BadKey(
            "This is a private key: it must stay on your server. Paste the public one, and make a "
            "new pair if this one went through a mail or chat."
        )
    try:
        key = load_pem_public_key(given.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey("This is no public key. Paste all of it, from -----BEGIN on.") from None
    if algorithm == "RS256":
        if not isinstance(key, rsa.RSAPublicKey):
            raise BadKey("RS256 needs an RSA key.")
        if key.key_size < LEAST_RSA_BITS:
            raise BadKey(f"The key has {key.key_size} bits; it needs {LEAST_RSA_BITS} or more.")
    elif not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise BadKey("ES256 needs a key on the curve P-256.")
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
