"""The chat's rows."""

from conversations.models.answer import Answer, Citation, Feedback
from conversations.models.attachment import Attachment
from conversations.models.cached_answer import CachedAnswer, CacheHit
from conversations.models.calibration import Calibration
from conversations.models.chat_page import ChatPage
from conversations.models.conversation import Conversation, Visitor
from conversations.models.desk import (
    AgentReaders,
    AnswerFlag,
    Block,
    CannedReply,
    DeskAct,
    DeskDraft,
    DeskState,
    DeskVerb,
    Note,
    Priority,
    Tag,
)
from conversations.models.escalation import Escalation, EscalationReason, EscalationState
from conversations.models.identity import (
    IdentityJoin,
    SameCustomer,
    SiteIdentity,
    VerifiedCustomer,
)
from conversations.models.instructions import Instructions, InstructionsUse, VersionIsFixed
from conversations.models.message import Message, MessageKind, MessageRole, MessageState
from conversations.models.model_connection import ModelConnection
from conversations.models.notice import Contact, Notice, NoticeKind, NoticeState
from conversations.models.operator_edit import OperatorEdit, count_edits_of
from conversations.models.presence import Presence
from conversations.models.rule import Rule, RuleAction
from conversations.models.sensitive_topic import SensitiveTopic
from conversations.models.service_state import BannerThen, ServiceState
from conversations.models.signal import Signal, SignalKind
from conversations.models.site import Site, SitePosition
from conversations.models.summary import ConversationSummary
from conversations.models.team import Team
from conversations.models.visit import ChatRating, PageContext, ProblemReport
from conversations.models.visitor_token import TokenKind, VisitorToken
from conversations.models.working_hours import WorkingHours

__all__ = [
    "AgentReaders",
    "Answer",
    "AnswerFlag",
    "Attachment",
    "BannerThen",
    "Block",
    "CacheHit",
    "CachedAnswer",
    "Calibration",
    "CannedReply",
    "ChatPage",
    "ChatRating",
    "Citation",
    "Contact",
    "Conversation",
    "ConversationSummary",
    "DeskAct",
    "DeskDraft",
    "DeskState",
    "DeskVerb",
    "Escalation",
    "EscalationReason",
    "EscalationState",
    "Feedback",
    "IdentityJoin",
    "Instructions",
    "InstructionsUse",
    "Message",
    "MessageKind",
    "MessageRole",
    "MessageState",
    "ModelConnection",
    "Note",
    "Notice",
    "NoticeKind",
    "NoticeState",
    "OperatorEdit",
    "PageContext",
    "Presence",
    "Priority",
    "ProblemReport",
    "Rule",
    "RuleAction",
    "SameCustomer",
    "SensitiveTopic",
    "ServiceState",
    "Signal",
    "SignalKind",
    "Site",
    "SiteIdentity",
    "SitePosition",
    "Tag",
    "Team",
    "TokenKind",
    "VerifiedCustomer",
    "VersionIsFixed",
    "Visitor",
    "VisitorToken",
    "WorkingHours",
    "count_edits_of",
]
