"""Who may open what: every address of the admin, three roles, and an outsider."""

import re
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from conversations.actions import conversations as starting
from conversations.actions import escalations
from conversations.models import (
    AgentReaders,
    Answer,
    AnswerFlag,
    CachedAnswer,
    CacheHit,
    CannedReply,
    ChatPage,
    ChatRating,
    DeskAct,
    Escalation,
    Feedback,
    Instructions,
    Message,
    Notice,
    ProblemReport,
    Rule,
    SensitiveTopic,
    ServiceState,
    Site,
    Tag,
    Team,
    WorkingHours,
)
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import (
    Audience,
    Collection,
    Contradiction,
    Document,
    DuplicatePair,
    FaqEntry,
    GoldenQuestion,
    Source,
    VocabularyEntry,
)
from observability.models import Incident, LlmCall
from supportbot.roles import (
    ADMINISTRATOR,
    AGENT,
    OPERATOR,
    administrators,
    ensure_first_administrator,
    sync_roles,
)
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
EVERYBODY = {AGENT, OPERATOR, ADMINISTRATOR, "outsider"}
READERS = {AGENT, OPERATOR, ADMINISTRATOR}
CURATORS = {OPERATOR, ADMINISTRATOR}
DESK = {AGENT, ADMINISTRATOR}
ONLY_ADMINISTRATORS = {ADMINISTRATOR}
NOBODY: set[str] = set()
# Who may open an address, by the beginning of its name; the longest beginning counts.
ALLOWED: dict[str, set[str]] = {
    "index": EVERYBODY,
    "search": EVERYBODY,
    "login": EVERYBODY,
    "logout": EVERYBODY,
    "password_change": EVERYBODY,
    "jsi18n": EVERYBODY,
    "autocomplete": NOBODY,
    "view_on_site": NOBODY,
    "app_list": EVERYBODY,
    "checklist": CURATORS,
    "try_question": CURATORS,
    "first_agent": ONLY_ADMINISTRATORS,
    "auth_user": ONLY_ADMINISTRATORS,
    "auth_group": ONLY_ADMINISTRATORS,
    "conversations_escalation": DESK,
    "conversations_conversation": READERS,
    "conversations_conversation_act": DESK,
    "conversations_answer": READERS,
    "conversations_feedback": READERS,
    "conversations_chatrating": CURATORS,
    "conversations_problemreport": CURATORS,
    "conversations_site": ONLY_ADMINISTRATORS,
    "conversations_rule": CURATORS,
    "conversations_instructions": CURATORS,
    "conversations_instructions_delete": NOBODY,
    "conversations_chatpage": CURATORS,
    "conversations_chatpage_add": NOBODY,
    "conversations_chatpage_delete": NOBODY,
    "conversations_servicestate": CURATORS,
    "conversations_servicestate_add": NOBODY,
    "conversations_servicestate_delete": NOBODY,
    "conversations_sensitivetopic": CURATORS,
    "conversations_escalation_presence": DESK,
    "conversations_workinghours": CURATORS,
    "conversations_team": CURATORS,
    "conversations_notice": CURATORS,
    "desk": READERS,
    "desk_act": DESK,
    "conversations_cannedreply": READERS,
    "conversations_cannedreply_add": CURATORS,
    "conversations_cannedreply_delete": CURATORS,
    "conversations_tag": READERS,
    "conversations_tag_delete": CURATORS,
    "conversations_agentreaders": ONLY_ADMINISTRATORS,
    "conversations_answerflag": READERS,
    "conversations_deskact": DESK,
    "conversations_cachedanswer": CURATORS,
    "conversations_cachehit": CURATORS,
    "conversations_modelconnection": ONLY_ADMINISTRATORS,
    "knowledge_document": READERS,
    "knowledge_document_add": CURATORS,
    "knowledge_document_delete": CURATORS,
    "knowledge_document_upload": CURATORS,
    "knowledge_document_act": CURATORS,
    "knowledge_document_all_act": CURATORS,
    "knowledge_collection": CURATORS,
    "knowledge_audience": CURATORS,
    "knowledge_contradiction": CURATORS,
    "knowledge_duplicatepair": CURATORS,
    "knowledge_indexgeneration": CURATORS,
    "knowledge_goldenquestion": CURATORS,
    "knowledge_search": CURATORS,
    "try_bot": CURATORS,
    "prompts": CURATORS,
    "knowledge_source": CURATORS,
    "knowledge_faqentry": CURATORS,
    "knowledge_vocabularyentry": CURATORS,
    "observability_llmcall": CURATORS,
    "observability_incident": CURATORS,
}
# Nobody adds, changes or deletes these by hand.
READ_ONLY = (
    "conversations_escalation",
    "conversations_conversation",
    "conversations_answer",
    "conversations_feedback",
    "conversations_chatrating",
    "conversations_problemreport",
    "conversations_cachedanswer",
    "conversations_cachehit",
    "conversations_notice",
    "conversations_answerflag",
    "conversations_deskact",
    "knowledge_contradiction",
    "knowledge_duplicatepair",
    "observability_llmcall",
    "observability_incident",
)


def _patterns(entries: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for entry in entries:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns)
        else:
            yield entry


def _names() -> list[str]:
    found = {pattern.name for pattern in _patterns(admin.site.urls[0]) if pattern.name}
    return sorted(found - {"logout", "jsi18n"})


def _allowed(name: str) -> set[str]:
    if name.startswith(READ_ONLY) and name.endswith(("_add", "_delete")):
        return NOBODY
    beginnings = [begin for begin in ALLOWED if name.startswith(begin)]
    assert beginnings, f"say in ALLOWED who may open {name}"
    return ALLOWED[max(beginnings, key=len)]


@pytest.fixture
def rows() -> dict[str, Model]:
    """One row of each kind."""
    ensure_defaults()
    sync_roles()
    user = User.objects.create_user("somebody")
    group = Group.objects.create(name="A group of one's own")
    audience = Audience.objects.create(slug="partners", name="Partners")
    spare = Collection.objects.create(slug="spare", name="Spare")
    call = LlmCall.objects.create(purpose="answer", model="m", outcome="ok", total_ms=1)
    incident = Incident.objects.create(kind="k")
    chat, _ = starting.start(None, "192.0.2.1")
    escalation = escalations.request_person(chat.pk, "please")
    message = Message.objects.create(
        conversation=chat, seq=90, role="assistant", kind="final", text="hi"
    )
    answer = Answer.objects.create(
        message=message, question="q", disposition="answer", source="llm", confidence=0.9
    )
    feedback = Feedback.objects.create(answer=answer, visitor=chat.visitor, rating=1)
    kept = CachedAnswer.objects.create(
        answer=answer, evidence=[], citations=[], used=[], facts={}, vector=b""
    )
    hit = CacheHit.objects.create(answer=answer, entry=kept.pk, layer="exact")
    collection = Collection.objects.get(slug="default")
    document = Document.objects.create(collection=collection, path="a.md", title="A")
    rule = Rule.objects.create(name="R", phrases="hi", text="hello")
    golden = GoldenQuestion.objects.create(question="q", document=document)
    found: tuple[Model, ...] = (escalation, chat, answer, feedback, document, spare, audience, rule)
    word = VocabularyEntry.objects.create(term="Refill", synonyms="top up")
    found += (ChatPage.objects.create(), ServiceState.objects.create())
    found += (Instructions.objects.create(version=1, name="N"),)
    found += (kept, hit)
    found += (user, group, call, incident, golden, word, *_reviews(document))
    place = "https://www.example.com/"
    found += (
        Source.objects.create(name="S", kind="page", location=place, collection=collection),
        FaqEntry.objects.create(question="Q?", answer="A.", collection=collection),
    )
    found += (
        Site.objects.create(name="Shop"),
        ChatRating.objects.create(conversation=chat, solved=True),
        ProblemReport.objects.create(conversation=chat, kind="other"),
    )
    found += (SensitiveTopic.objects.create(name="Medicine", phrases="dose"),)
    found += (
        WorkingHours.objects.create(),
        Team.objects.create(name="Billing"),
        Notice.objects.create(kind="late_mail", conversation=chat, escalation=escalation),
    )
    found += (
        CannedReply.objects.create(shortcut="hi", title="Hi", text="Hello"),
        Tag.objects.create(name="refund"),
        AgentReaders.objects.create(agent=user),
        AnswerFlag.objects.create(answer=answer, agent=user),
        DeskAct.objects.create(conversation=chat, agent=user, verb="take"),
    )
    return {f"{row._meta.app_label}_{row._meta.model_name}": row for row in found}


def _reviews(document: Document) -> tuple[Contradiction, DuplicatePair]:
    return (
        Contradiction.objects.create(
            first=document, second=document, kind="duration", key="k",
            first_statement="In 2 days", second_statement="In 3 days",
            first_value="2 days", second_value="3 days",
        ),
        DuplicatePair.objects.create(first=document, second=document, similarity=1),
    )  # fmt: skip


def _address(pattern_name: str, rows: dict[str, Model]) -> str:
    kind = "_".join(pattern_name.split("_")[:2])
    pk = str(getattr(rows.get(kind), "pk", 1))
    for arguments in ([], [pk], [uuid.UUID(pk)] if re.fullmatch(r"[0-9a-f-]{36}", pk) else []):
        try:
            return reverse(f"admin:{pattern_name}", args=arguments)
        except Exception:  # noqa: S112 - the next shape of arguments
            continue
    return ""


def _status(client: Client, name: str, address: str) -> int:
    post = name.endswith(("_act", "_preview", "_presence", "checklist_mark"))
    response = client.post(address, {"action": "nothing"}) if post else client.get(address)
    return response.status_code


PEOPLE: dict[str, Callable[[], User]] = {
    AGENT: cast.agent,
    OPERATOR: cast.operator,
    ADMINISTRATOR: cast.administrator,
    "outsider": cast.outsider,
}


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_opens_its_own_addresses_and_no_other(role: str, rows: dict[str, Model]) -> None:
    client = cast.signed_in(PEOPLE[role]())
    wrong = []
    tried = 0
    for name in _names():
        allowed = _allowed(name)
        address = _address(name, rows)
        if not address or allowed is EVERYBODY:
            continue
        tried += 1
        status = _status(client, name, address)
        # An unknown action is refused to everybody; there a refusal says nothing.
        opened = status in (200, 302, 204)
        if name.endswith("_act"):
            opened = role in allowed if status in (400, 403) else opened
        if opened != (role in allowed):
            wrong.append((name, address, status))
    assert not wrong
    assert tried >= 30


@pytest.mark.parametrize("role", ["outsider", "stranger", "customer account"])
def test_others_see_nothing(role: str, rows: dict[str, Model]) -> None:
    if role == "outsider":
        client = cast.signed_in(cast.outsider())
    elif role == "stranger":
        client = Client()
    else:
        client = cast.signed_in(cast.person("carla", AGENT, is_staff=False))
    for name in _names():
        address = _address(name, rows)
        if not address or _allowed(name) is EVERYBODY:
            continue
        response = (
            client.post(address)
            if name.endswith(("_act", "_preview", "_presence", "_mark"))
            else client.get(address)
        )
        refused = response.status_code in (403, 404) or (
            response.status_code == 302 and "/login/" in response["Location"]
        )
        assert refused, (name, response.status_code)


@pytest.mark.parametrize(
    ("role", "sees", "sees_not"),
    [
        (AGENT, ["Escalations", "Conversations"], ["Rules", "LLM calls", "People", "Checklist"]),
        (OPERATOR, ["Rules", "LLM calls", "Checklist"], ["Escalations", "People", ">Model<"]),
        (ADMINISTRATOR, ["Escalations", "Rules", "People", "Model"], []),
    ],
)
def test_the_side_bar_offers_only_what_the_role_may_open(
    role: str, sees: list[str], sees_not: list[str]
) -> None:
    page = cast.signed_in(PEOPLE[role]()).get(reverse("admin:index")).content.decode()
    links = re.findall(r"<span>([^<]+)</span>", page)
    assert set(sees) <= set(links)
    assert not {name.strip("<>") for name in sees_not} & set(links)


def test_an_agent_sees_no_button_to_change_documents(rows: dict[str, Model]) -> None:
    document = rows["knowledge_document"]
    address = reverse("admin:knowledge_document_change", args=[document.pk])
    page = cast.signed_in(cast.agent()).get(address).content.decode()
    assert 'value="withdraw"' not in page
    assert 'name="_save"' not in page
    response = cast.signed_in(User.objects.get(username="amira")).post(
        reverse("admin:knowledge_document_act", args=[document.pk]),
        {"action": "withdraw"},
    )
    assert response.status_code == 403
    assert Document.objects.get().status != "withdrawn"


def test_an_operator_reads_chats_but_cannot_answer(rows: dict[str, Model]) -> None:
    chat = rows["conversations_conversation"]
    client = cast.signed_in(cast.operator())
    page = client.get(reverse("admin:conversations_conversation_change", args=[chat.pk]))
    assert b"Reply to the customer" not in page.content
    response = client.post(
        reverse("admin:conversations_conversation_act", args=[chat.pk]),
        {"action": "reply", "text": "hi", "client_msg_id": str(uuid.uuid4())},
    )
    assert response.status_code == 403
    assert Escalation.objects.get().state == "open"


def test_syncing_the_roles_again_changes_nothing_and_takes_back_changes_by_hand() -> None:
    sync_roles()
    before = {group.name: group.permissions.count() for group in Group.objects.all()}
    assert set(before) == {AGENT, OPERATOR, ADMINISTRATOR}
    Group.objects.get(name=AGENT).permissions.clear()
    sync_roles()
    sync_roles()
    assert {group.name: group.permissions.count() for group in Group.objects.all()} == before


def test_every_permission_that_a_role_names_exists() -> None:
    sync_roles()
    assert Group.objects.get(name=AGENT).permissions.count() == 21
    assert Group.objects.get(name=OPERATOR).permissions.count() == 85


def test_the_first_administrator_is_made_once_and_can_sign_in() -> None:
    password = ensure_first_administrator()
    assert password is not None
    assert len(password) >= 16
    assert ensure_first_administrator() is None
    assert Client().login(username="admin", password=password)
    assert [user.username for user in administrators()] == ["admin"]


def test_a_first_administrator_is_made_beside_somebody_else_called_admin() -> None:
    User.objects.create_user("admin")
    assert ensure_first_administrator()
    assert administrators().get().username.startswith("admin-")
