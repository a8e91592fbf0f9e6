"""Reads a customer's token that the server of the host page signed. No database here.

PyJWT checks the signature. The claims are compared here, since PyJWT takes "123" for a time and
says nothing of how far two clocks are apart.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import jwt
from jwt.types import Options

ALGORITHMS = ("HS256", "RS256", "ES256")
MOST_TOKEN_CHARACTERS = 8192
MOST_SECONDS_AHEAD = 24 * 3600.0
LEEWAY_SECONDS = 60.0
SUBJECT_CHARACTERS, NAME_CHARACTERS, EMAIL_CHARACTERS = 255, 120, 254
MOST_ATTRIBUTES, ATTRIBUTE_NAME_CHARACTERS, ATTRIBUTE_CHARACTERS = 20, 60, 200
MOST_AUDIENCES, AUDIENCE_CHARACTERS = 20, 100
# What RFC 7515 lets a header change about how a token is read; none of it is needed.
_HEADERS_REFUSED = ("crit", "b64", "zip", "enc")
_ONLY_SIGNATURE: Options = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


class Refusal(StrEnum):
    """Why a token is not taken; the value is what the host page is told."""

    OFF = "identity_off"
    NO_KEY = "no_key"
    TOO_LARGE = "token_too_large"
    MALFORMED = "malformed"
    ALGORITHM = "wrong_algorithm"
    SIGNATURE = "bad_signature"
    OTHER_SITE = "other_site"
    NO_SUBJECT = "no_subject"
    NO_EXPIRY = "no_expiry"
    EXPIRED = "expired"
    TOO_LONG = "expires_too_late"
    NOT_YET = "not_yet_valid"
    CLOCK_AHEAD = "issued_in_the_future"
    CLAIM = "bad_claim"


class TokenRefused(Exception):
    """The token proves nothing. `detail` is for the site's builder and quotes nothing of it."""

    def __init__(self, refusal: Refusal, detail: str) -> None:
        super().__init__(f"{refusal}: {detail}")
        self.refusal = refusal
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Rules:
    """How tokens of one site are checked. `keys`: each may have signed it (secrets overlap)."""

    algorithm: str
    keys: tuple[str, ...]
    site_key: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says of a customer, checked. `issued_at` orders the tokens of one customer."""

    subject: str
    name: str = ""
    email: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    audiences: tuple[str, ...] = ()
    issued_at: float | None = None


def read_token(token: str, rules: Rules, now: float) -> Claims:
    """Return what a token says, when it is signed for this site and counts now.

    `now` is in seconds since 1970. Raises TokenRefused.
    """
    if rules.algorithm not in ALGORITHMS:
        raise TokenRefused(Refusal.OFF, "This site takes no signed customers.")
    if len(token) > MOST_TOKEN_CHARACTERS:
        problem = f"The token has more than {MOST_TOKEN_CHARACTERS:,} characters."
        raise TokenRefused(Refusal.TOO_LARGE, problem)
    _check_header(token, rules.algorithm)
    payload = _signed_payload(token, rules)
    _check_site(payload.get("aud"), rules.site_key)
    _check_times(payload, now)
    return _claims(payload)


def _check_header(token: str, algorithm: str) -> None:
    """Refuse by the header what no key could make right; nothing in it chooses how to check."""
    try:
        header = jwt.get_unverified_header(token) if token.isascii() else {}
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        header = {}
    if not header:
        raise TokenRefused(Refusal.MALFORMED, "This is no signed token (JWT).")
    if header.get("alg") != algorithm:
        raise TokenRefused(Refusal.ALGORITHM, f"The token must be signed with {algorithm}.")
    if any(name in header for name in _HEADERS_REFUSED):
        raise TokenRefused(Refusal.MALFORMED, "The token's header may hold alg, typ and kid only.")


def _signed_payload(token: str, rules: Rules) -> dict[str, Any]:
    for key in rules.keys:
        try:
            return jwt.decode(token, key, algorithms=[rules.algorithm], options=_ONLY_SIGNATURE)
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidKeyError:
            raise TokenRefused(Refusal.NO_KEY, "The site's key cannot be used.") from None
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise TokenRefused(Refusal.MALFORMED, "The token cannot be read.") from None
    if not rules.keys:
        raise TokenRefused(Refusal.NO_KEY, "The site has no key to check tokens with.")
    raise TokenRefused(Refusal.SIGNATURE, "The signature was not made with this site's key.")


def _check_site(audience: Any, site_key: str) -> None:
    if audience != site_key and audience != [site_key]:
        raise TokenRefused(Refusal.OTHER_SITE, "aud must be this site's key and nothing else.")


def _check_times(payload: Mapping[str, Any], now: float) -> None:
    expires = _time(payload, "exp")
    if expires is None:
        raise TokenRefused(Refusal.NO_EXPIRY, "exp is missing.")
    if expires <= now:
        raise TokenRefused(Refusal.EXPIRED, f"It expired {_apart(now - expires)} ago.")
    if expires > now + MOST_SECONDS_AHEAD + LEEWAY_SECONDS:
        raise TokenRefused(Refusal.TOO_LONG, "exp may be at most 24 hours ahead.")
    begins, issued = _time(payload, "nbf"), _time(payload, "iat")
    if begins is not None and begins > now + LEEWAY_SECONDS:
        raise TokenRefused(Refusal.NOT_YET, f"nbf is {_apart(begins - now)} ahead.")
    if issued is not None and issued > now + LEEWAY_SECONDS:
        problem = f"iat is {_apart(issued - now)} ahead: compare the two servers' clocks."
        raise TokenRefused(Refusal.CLOCK_AHEAD, problem)


def _time(payload: Mapping[str, Any], name: str) -> float | None:
    value = payload.get(name)
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    # Larger whole numbers are no times, and no floats either.
    if not number or not abs(value) < 2**53 or not math.isfinite(value):
        raise TokenRefused(Refusal.CLAIM, f"{name} must be a number of seconds since 1970.")
    return float(value)


def _apart(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _claims(payload: Mapping[str, Any]) -> Claims:
    subject = payload.get("sub")
    if not isinstance(subject, str) or not subject.strip():
        raise TokenRefused(Refusal.NO_SUBJECT, "sub must be a text that names one customer.")
    issued = _time(payload, "iat")
    return Claims(
        subject=_text(subject, "sub", SUBJECT_CHARACTERS),
        name=_text(payload.get("name"), "name", NAME_CHARACTERS),
        email=_email(payload),
        attributes=_attributes(payload.get("attributes")),
        audiences=_audiences(payload.get("audiences")),
        issued_at=issued if issued is not None else _time(payload, "nbf"),
    )


def _email(payload: Mapping[str, Any]) -> str:
    """Return the address; one that the host site itself has not confirmed counts for nothing."""
    email = _text(payload.get("email"), "email", EMAIL_CHARACTERS)
    confirmed = payload.get("email_verified", True)
    if not isinstance(confirmed, bool):
        raise TokenRefused(Refusal.CLAIM, "email_verified must be true or false.")
    if not email or not confirmed:
        return ""
    before, _, after = email.rpartition("@")
    if not before or not after or any(character.isspace() for character in email):
        raise TokenRefused(Refusal.CLAIM, "email must be an address.")
    return email


def _text(value: Any, name: str, most: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TokenRefused(Refusal.CLAIM, f"{name} must be a text.")
    if len(value) > most:
        raise TokenRefused(Refusal.CLAIM, f"{name} may have at most {most} characters.")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise TokenRefused(Refusal.CLAIM, f"{name} holds characters that are not text.")
    return value


def _attributes(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > MOST_ATTRIBUTES:
        problem = f"attributes must be an object of at most {MOST_ATTRIBUTES} values."
        raise TokenRefused(Refusal.CLAIM, problem)
    return {
        _text(name, "an attribute's name", ATTRIBUTE_NAME_CHARACTERS): _attribute(given)
        for name, given in value.items()
    }


def _attribute(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and abs(value) >= 2**63:
        raise TokenRefused(Refusal.CLAIM, "An attribute's number is too large.")
    if isinstance(value, int | float):
        value = str(value)
    if value is not None and not isinstance(value, str):
        raise TokenRefused(Refusal.CLAIM, "attributes hold texts, numbers, true and false only.")
    return _text(value, "an attribute", ATTRIBUTE_CHARACTERS)


def _audiences(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MOST_AUDIENCES:
        problem = f"audiences must be a list of at most {MOST_AUDIENCES} names."
        raise TokenRefused(Refusal.CLAIM, problem)
    if not all(isinstance(one, str) for one in value):
        raise TokenRefused(Refusal.CLAIM, "audiences must be a list of texts.")
    return tuple(_text(one, "an audience", AUDIENCE_CHARACTERS) for one in value)
