"""The chat's rows."""

from conversations.models.answer import Answer, Citation, Feedback
from conversations.models.cached_answer import CachedAnswer, CacheHit
from conversations.models.calibration import Calibration
from conversations.models.conversation import Conversation, Visitor
from conversations.models.escalation import Escalation, EscalationReason, EscalationState
from conversations.models.instructions import Instructions, InstructionsUse, VersionIsFixed
from conversations.models.message import Message, MessageKind, MessageRole, MessageState
from conversations.models.model_connection import ModelConnection
from conversations.models.operator_edit import OperatorEdit, count_edits_of
from conversations.models.rule import Rule, RuleAction
from conversations.models.sensitive_topic import SensitiveTopic
from conversations.models.service_state import BannerThen, ServiceState
from conversations.models.site import Site, SitePosition
from conversations.models.visit import ChatRating, PageContext, ProblemReport

__all__ = [
    "Answer",
    "BannerThen",
    "CacheHit",
    "CachedAnswer",
    "Calibration",
    "ChatRating",
    "Citation",
    "Conversation",
    "Escalation",
    "EscalationReason",
    "EscalationState",
    "Feedback",
    "Instructions",
    "InstructionsUse",
    "Message",
    "MessageKind",
    "MessageRole",
    "MessageState",
    "ModelConnection",
    "OperatorEdit",
    "PageContext",
    "ProblemReport",
    "Rule",
    "RuleAction",
    "SensitiveTopic",
    "ServiceState",
    "Site",
    "SitePosition",
    "VersionIsFixed",
    "Visitor",
    "count_edits_of",
]
