"""Every wrong token is refused with its reason, and no right one is."""

import base64
import contextlib
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.sites.identity import (
    MOST_TOKEN_CHARACTERS,
    Claims,
    Refusal,
    Rules,
    TokenRefused,
    read_token,
)

NOW = 1_790_000_000.0
SITE, OTHER = "site_here", "site_there"
SECRET, OLD = "s" * 64, "o" * 64
SHARED = Rules("HS256", (SECRET, OLD), SITE)
RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def pem(key: Any, *, private: bool = False) -> str:
    if private:
        form = PrivateFormat.PKCS8
        return str(key.private_bytes(Encoding.PEM, form, NoEncryption()).decode())
    made = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return str(made.decode())


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a right token; a change to None takes one out."""
    right = {"sub": "c-1", "aud": SITE, "iat": NOW, "exp": NOW + 600}
    return {name: value for name, value in {**right, **changes}.items() if value is not None}


def signed(
    payload: dict[str, Any], key: Any = SECRET, algorithm: str = "HS256", **head: Any
) -> str:
    return jwt.encode(payload, key, algorithm=algorithm, headers=head or None)


def by_hand(header: Any, payload: Any, signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def by_secret(header: Any, payload: Any, key: str = SECRET) -> str:
    """A token signed with HS256 whatever its header and claims are: PyJWT refuses to sign some."""
    said = by_hand(header, payload).rpartition(".")[0]
    mac = jwt.get_algorithm_by_name("HS256").sign(said.encode(), key.encode())
    return f"{said}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def refusal(token: str, rules: Rules = SHARED, now: float = NOW) -> Refusal:
    with pytest.raises(TokenRefused) as refused:
        read_token(token, rules, now)
    assert len(token) < 5 or token not in str(refused.value)
    return refused.value.refusal


RIGHT = {
    "plain": claims(),
    "all claims": claims(
        name="Eva Example",
        email="eva@example.com",
        attributes={"plan": "gold", "seats": 3, "trial": False, "note": None},
        audiences=["customers", "partner"],
    ),
    "audience as a list of one": claims(aud=[SITE]),
    "without iat": claims(iat=None),
    "iat within the leeway": claims(iat=NOW + 59),
    "nbf within the leeway": claims(nbf=NOW + 59),
    "a whole day": claims(exp=NOW + 24 * 3600),
    "fractions of seconds": claims(iat=NOW - 0.5, exp=NOW + 0.5),
    "a longest subject": claims(sub="x" * 255),
    "names of all scripts": claims(name="Zoë 山田 أحمد"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_token_counts(name: str) -> None:
    payload = RIGHT[name]
    assert read_token(signed(payload), SHARED, NOW).subject == payload["sub"]


def test_what_it_says_is_read() -> None:
    assert read_token(signed(RIGHT["all claims"]), SHARED, NOW) == Claims(
        subject="c-1",
        name="Eva Example",
        email="eva@example.com",
        attributes={"plan": "gold", "seats": "3", "trial": "no", "note": ""},
        audiences=("customers", "partner"),
        issued_at=NOW,
    )


def test_an_address_that_the_site_has_not_confirmed_counts_for_nothing() -> None:
    said = claims(email="eva@example.com", email_verified=False)
    assert read_token(signed(said), SHARED, NOW).email == ""
    said["email_verified"] = True
    assert read_token(signed(said), SHARED, NOW).email == "eva@example.com"


WRONG_CLAIMS = [
    ("expired", claims(exp=NOW - 1), Refusal.EXPIRED),
    ("expired this moment", claims(exp=NOW), Refusal.EXPIRED),
    ("an hour behind", claims(iat=NOW - 3600, exp=NOW - 3000), Refusal.EXPIRED),
    ("an hour ahead", claims(iat=NOW + 3600, exp=NOW + 4200), Refusal.CLOCK_AHEAD),
    ("iat past the leeway", claims(iat=NOW + 61), Refusal.CLOCK_AHEAD),
    ("nbf past the leeway", claims(nbf=NOW + 61), Refusal.NOT_YET),
    ("25 hours", claims(exp=NOW + 25 * 3600), Refusal.TOO_LONG),
    ("for ever", claims(exp=NOW * 10), Refusal.TOO_LONG),
    ("no exp", claims(exp=None), Refusal.NO_EXPIRY),
    ("exp as text", claims(exp=str(int(NOW + 600))), Refusal.CLAIM),
    ("exp as true", claims(exp=True), Refusal.CLAIM),
    ("exp infinite", claims(exp=float("inf")), Refusal.CLAIM),
    ("exp not a number", claims(exp=float("nan")), Refusal.CLAIM),
    ("exp huge", claims(exp=10**400), Refusal.CLAIM),
    ("iat as text", claims(iat="now"), Refusal.CLAIM),
    ("nbf as a list", claims(nbf=[NOW]), Refusal.CLAIM),
    ("no sub", claims(sub=None), Refusal.NO_SUBJECT),
    ("an empty sub", claims(sub=""), Refusal.NO_SUBJECT),
    ("a blank sub", claims(sub="  "), Refusal.NO_SUBJECT),
    ("sub as a number", claims(sub=4711), Refusal.NO_SUBJECT),
    ("sub as a list", claims(sub=["c-1"]), Refusal.NO_SUBJECT),
    ("a long sub", claims(sub="x" * 256), Refusal.CLAIM),
    ("NUL in sub", claims(sub="c\0-1"), Refusal.CLAIM),
    ("no aud", claims(aud=None), Refusal.OTHER_SITE),
    ("another site", claims(aud=OTHER), Refusal.OTHER_SITE),
    ("two sites", claims(aud=[SITE, OTHER]), Refusal.OTHER_SITE),
    ("no site", claims(aud=[]), Refusal.OTHER_SITE),
    ("aud in capitals", claims(aud=SITE.upper()), Refusal.OTHER_SITE),
    ("aud as an object", claims(aud={SITE: 1}), Refusal.OTHER_SITE),
    ("name as an object", claims(name={"first": "Eva"}), Refusal.CLAIM),
    ("a long name", claims(name="x" * 121), Refusal.CLAIM),
    ("a line in a name", claims(name="Eva\nVerified"), Refusal.CLAIM),
    ("no address", claims(email="eva"), Refusal.CLAIM),
    ("two addresses", claims(email="eva@example.com, b@example.com"), Refusal.CLAIM),
    ("email_verified as text", claims(email="e@x.io", email_verified="no"), Refusal.CLAIM),
    ("attributes as a list", claims(attributes=["gold"]), Refusal.CLAIM),
    ("an attribute inside another", claims(attributes={"a": {"b": 1}}), Refusal.CLAIM),
    ("a list as an attribute", claims(attributes={"a": [1]}), Refusal.CLAIM),
    ("a long attribute", claims(attributes={"a": "x" * 201}), Refusal.CLAIM),
    ("a huge number", claims(attributes={"a": 10**300}), Refusal.CLAIM),
    ("many attributes", claims(attributes={str(n): 1 for n in range(21)}), Refusal.CLAIM),
    ("audiences as text", claims(audiences="partner"), Refusal.CLAIM),
    ("audiences of numbers", claims(audiences=[1]), Refusal.CLAIM),
    ("many audiences", claims(audiences=["a"] * 21), Refusal.CLAIM),
]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [(payload, expected) for _, payload, expected in WRONG_CLAIMS],
    ids=[name for name, _, _ in WRONG_CLAIMS],
)
def test_a_signed_token_with_wrong_claims_is_refused(
    payload: dict[str, Any], expected: Refusal
) -> None:
    token = by_secret({"alg": "HS256", "typ": "JWT"}, payload)
    assert refusal(token) is expected


def test_how_far_the_clocks_are_apart_is_told() -> None:
    with pytest.raises(TokenRefused, match=r"60 minutes ahead: compare the two servers' clocks"):
        read_token(signed(claims(iat=NOW + 3600, exp=NOW + 4200)), SHARED, NOW)
    with pytest.raises(TokenRefused, match="expired 50 minutes ago"):
        read_token(signed(claims(exp=NOW - 3000)), SHARED, NOW)


def test_another_key_or_a_changed_text_is_refused() -> None:
    assert refusal(signed(claims(), "x" * 64)) is Refusal.SIGNATURE
    head, _, mac = signed(claims()).split(".")
    body = by_hand({}, claims(sub="c-2")).split(".")[1]
    assert refusal(f"{head}.{body}.{mac}") is Refusal.SIGNATURE
    assert refusal(f"{head}.{signed(claims()).split('.')[1]}.{mac[::-1]}") in (
        Refusal.SIGNATURE,
        Refusal.MALFORMED,
    )
    assert refusal(".".join(signed(claims()).split(".")[:2]) + ".") is Refusal.SIGNATURE


def test_both_secrets_count_while_they_overlap() -> None:
    assert read_token(signed(claims(), OLD), SHARED, NOW).subject == "c-1"
    assert refusal(signed(claims(), OLD), Rules("HS256", (SECRET,), SITE)) is Refusal.SIGNATURE


@pytest.mark.parametrize("named", ["none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS256"])
def test_the_header_never_chooses_the_algorithm(named: str) -> None:
    assert refusal(by_hand({"alg": named, "typ": "JWT"}, claims())) is Refusal.ALGORITHM
    if named in ("HS384", "HS512"):
        assert refusal(signed(claims(), SECRET, named)) is Refusal.ALGORITHM


@pytest.mark.parametrize(("algorithm", "key"), [("RS256", RSA_KEY), ("ES256", EC_KEY)])
def test_public_keys_work_and_cannot_be_used_as_a_secret(algorithm: str, key: Any) -> None:
    public = pem(key)
    rules = Rules(algorithm, (public,), SITE)
    assert read_token(signed(claims(), key, algorithm), rules, NOW).subject == "c-1"
    # The known confusion: the public key, which everybody has, as a shared secret.
    forged = by_secret({"alg": "HS256", "typ": "JWT"}, claims(), public)
    assert refusal(forged, rules) is Refusal.ALGORITHM
    assert refusal(forged, Rules("HS256", (public,), SITE)) is not None
    another = rsa.generate_private_key(65537, 2048) if algorithm == "RS256" else _other_curve_key()
    assert refusal(signed(claims(), another, algorithm), rules) is Refusal.SIGNATURE
    assert refusal(signed(claims()), rules) is Refusal.ALGORITHM


def _other_curve_key() -> Any:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("name", ["crit", "b64", "zip", "enc"])
def test_headers_that_change_how_a_token_is_read_are_refused(name: str) -> None:
    token = by_secret({"alg": "HS256", name: ["exp"]}, claims())
    assert refusal(token) is Refusal.MALFORMED


def test_keys_named_by_the_token_itself_are_not_looked_at() -> None:
    head: dict[str, Any] = {
        "jwk": {"kty": "oct", "k": "eA"},
        "jku": "https://evil.example/",
        "kid": "../../dev",
    }
    assert refusal(signed(claims(), "x" * 64, **head)) is Refusal.SIGNATURE


GARBAGE = [
    "",
    ".",
    "..",
    "a.b.c",
    "nonsense",
    "null",
    "{}",
    "é.é.é",
    "a" * 8000,
    by_hand(None, claims()),
    by_hand([], claims()),
    by_hand("HS256", claims()),
    base64.urlsafe_b64encode(b"[" * 5000).decode() + ".e30.",
    json.dumps({"alg": "HS256"}),
]


@pytest.mark.parametrize("token", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_refused(token: str) -> None:
    assert refusal(token) in (Refusal.MALFORMED, Refusal.ALGORITHM, Refusal.SIGNATURE)


@pytest.mark.parametrize("payload", [None, [], "text", 1, True])
def test_a_signed_payload_that_is_no_object_is_refused(payload: Any) -> None:
    token = by_secret({"alg": "HS256"}, payload)
    assert refusal(token) is Refusal.MALFORMED


def test_a_large_token_is_refused_before_it_is_read() -> None:
    large = signed(claims(attributes={"a": "x" * MOST_TOKEN_CHARACTERS}))
    assert refusal(large) is Refusal.TOO_LARGE
    started = time.perf_counter()
    assert refusal("a" * 5_000_000) is Refusal.TOO_LARGE
    assert time.perf_counter() - started < 0.5


def test_a_site_without_identity_or_key_takes_nothing() -> None:
    assert refusal(signed(claims()), Rules("", (SECRET,), SITE)) is Refusal.OFF
    assert refusal(signed(claims()), Rules("none", (SECRET,), SITE)) is Refusal.OFF
    assert refusal(signed(claims()), Rules("HS256", (), SITE)) is Refusal.NO_KEY
    assert refusal(signed(claims(), RSA_KEY, "RS256"), Rules("RS256", ("junk",), SITE)) in (
        Refusal.NO_KEY,
        Refusal.MALFORMED,
    )


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "name",
        "email",
        "email_verified",
        "attributes",
        "audiences",
    ]
)


@settings(max_examples=300, deadline=None)
@given(changes=st.dictionaries(NAMES, JSON_VALUES, max_size=4))
def test_whatever_is_signed_it_is_read_or_refused_within_its_limits(
    changes: dict[str, Any],
) -> None:
    payload = {**claims(), **changes}
    token = by_secret({"alg": "HS256"}, payload)
    try:
        read = read_token(token, SHARED, NOW)
    except TokenRefused:
        return
    assert payload["aud"] in (SITE, [SITE])
    assert NOW < payload["exp"] <= NOW + 24 * 3600 + 60
    assert 0 < len(read.subject) <= 255
    assert "\0" not in json.dumps([read.subject, read.name, read.email, dict(read.attributes)])
    assert all(isinstance(value, str) for value in read.attributes.values())


@settings(max_examples=300, deadline=None)
@given(position=st.integers(0, 10_000), character=st.characters(codec="ascii"))
def test_one_changed_character_is_never_let_through_as_somebody_else(
    position: int, character: str
) -> None:
    token = signed(claims())
    place = position % len(token)
    changed = token[:place] + character + token[place + 1 :]
    with contextlib.suppress(TokenRefused):
        # Base64 has spare bits at the end of a part: another text for the very same bytes.
        assert read_token(changed, SHARED, NOW) == read_token(token, SHARED, NOW)
