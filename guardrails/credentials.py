"""Finds keys of known vendors and passwords that are written as such.

Shapes of keys are those the vendors document, as collected in gitleaks 8 (MIT) and GitHub's list of
secret scanning patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SHAPES = """
sk-ant-[a-z0-9]{2,10}-[\\w-]{20,120}                     Anthropic
sk-(?=[\\w-]*\\d)[\\w-]{20,200}                          OpenAI, OpenRouter, DeepSeek
(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}                      AWS
AIza[\\w-]{35}                                           Google
ya29\\.[\\w-]{20,200}                                    Google OAuth
GOCSPX-[\\w-]{20,40}                                     Google OAuth client
gh[pousr]_[A-Za-z0-9]{36,255}                            GitHub
github_pat_[A-Za-z0-9_]{22,255}                          GitHub
gl(?:pat|dt|rt|ptt|ft|soat|agent)-[\\w-]{20,64}          GitLab
glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}                      Grafana
xox[abeoprs]-[A-Za-z0-9-]{10,250}                        Slack
xapp-\\d-[A-Z0-9]+-\\d+-[a-z0-9]{20,100}                 Slack
(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,247}           Stripe
whsec_[A-Za-z0-9+/=]{24,64}                              Stripe webhooks
(?:SK|AC)[0-9a-f]{32}                                    Twilio
SG\\.[\\w-]{16,32}\\.[\\w-]{32,64}                       SendGrid
(?:key|pubkey)-[0-9a-f]{32}                              Mailgun
[0-9a-f]{32}-us\\d{1,2}                                  Mailchimp
npm_[A-Za-z0-9]{36}                                      npm
pypi-[\\w-]{50,250}                                      PyPI
hf_[A-Za-z0-9]{30,40}                                    Hugging Face
gsk_[A-Za-z0-9]{40,60}                                   Groq
r8_[A-Za-z0-9]{37}                                       Replicate
pplx-[A-Za-z0-9]{40,60}                                  Perplexity
xai-[A-Za-z0-9]{60,90}                                   xAI
do[opr]_v1_[0-9a-f]{64}                                  DigitalOcean
shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}                       Shopify
sq0(?:atp|csp|idp)-[\\w-]{22,43}                         Square
EAAA[\\w-]{60}                                           Square
dapi[0-9a-f]{32}(?:-\\d)?                                Databricks
hv[sb]\\.[\\w-]{24,200}                                  Vault
dckr_pat_[\\w-]{27}                                      Docker
lin_api_[A-Za-z0-9]{40}                                  Linear
(?:secret|ntn)_[A-Za-z0-9]{40,50}                        Notion
PMAK-[0-9a-f]{24}-[0-9a-f]{34}                           Postman
NRAK-[A-Z0-9]{27}                                        New Relic
figd_[\\w-]{40,50}                                       Figma
pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}                        Airtable
ATATT3[\\w=-]{50,250}                                    Atlassian
AGE-SECRET-KEY-1[A-Z0-9]{58}                             age
EZ[AT]K[A-Za-z0-9]{54}                                   EasyPost
\\d{8,10}:AA[\\w-]{33}                                   Telegram
[MNO][\\w-]{23,27}\\.[\\w-]{6}\\.[\\w-]{27,40}           Discord
eyJ[\\w-]{8,2000}\\.eyJ[\\w-]{8,4000}\\.[\\w-]{8,1000}   JSON web token
"""
_KEY = re.compile(
    r"(?<![\w-])(?:{})(?![\w-])".format(
        "|".join(line.split()[0] for line in _SHAPES.strip().splitlines())
    )
)
_PEM = re.compile(
    r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"[\s\S]{20,8000}?-----END [A-Z ]{5,40}-----"
)
# AWS writes the secret half of a key without any sign of its own.
_NAMED_KEY = re.compile(
    r"(?i:(?<![^\W_])(?:api[ _-]?key|secret[ _-]?(?:access[ _-]?)?key|access[ _-]?token|"
    r"auth[ _-]?token|client[ _-]?secret|bearer)\b)[\"']?\s*(?:is|=|:|=>)?\s*[\"']?"
    r"(?P<value>(?=[^\s\"']*\d)(?=[^\s\"']*[A-Za-z])[A-Za-z0-9+/_.=-]{15,199}[\w=/+-])(?![\w-])"
)

_ITS_NAME = (
    r"\b(?:pass(?:word|code|phrase|wd)|pwd|passwort|kennwort|mot de passe|contraseña|clave)s?\b"
)
_MIXED = r"(?=\S*[^\W_])(?=\S*(?:\d|[!#$%^&*?@+=~]))"
_PASSWORDS = (
    # password is "anything"
    re.compile(
        rf"(?i:{_ITS_NAME})\W{{0,2}}(?i:\s*(?:is|was|ist|lautet|est|es|=|:|to))?\s*"
        r"(?P<quote>['\"“‘„`])(?P<value>[^\s'\"”’“`]{4,64})['\"”’“`]"
    ),
    # password: hunter2, password is hunter2!
    re.compile(
        rf"(?i:{_ITS_NAME})\s*(?i:\s(?:is|was|ist|lautet|est|es)\b|=|:)[: ]\s*"
        rf"(?P<value>{_MIXED}[^\s'\"<>]{{5,63}}[^\s'\"<>.,;:!?)]!?)"
    ),
    # and password R3boot!Now
    re.compile(
        rf"(?i:{_ITS_NAME})\s+"
        r"(?P<value>(?=\S*[A-Za-z])(?=\S*\d)(?=\S*[!#$%^&*@+=~])[^\s'\"<>]{5,63}[^\s'\"<>.,;:?)])"
    ),
    # name@host / hunter2
    re.compile(
        r"@[\w.-]+\.[a-z]{2,}\s?[/|:]\s?"
        r"(?P<value>(?=\S*[A-Za-z])(?=\S*\d)[^\s'\"<>/]{5,63}[^\s'\"<>/.,;:?)])"
    ),
)


def keys_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each key."""
    for pattern in (_PEM, _KEY):
        for match in pattern.finditer(text):
            yield match.span()
    for match in _NAMED_KEY.finditer(text):
        yield match.span("value")


def passwords_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each password that is written as such."""
    for pattern in _PASSWORDS:
        for match in pattern.finditer(text):
            yield match.span("value")
