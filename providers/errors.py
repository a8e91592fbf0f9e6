"""What can go wrong outside the process, named after the fact."""

from __future__ import annotations


class ProviderError(Exception):
    """An outside call did not give a usable result. `detail` never holds keys or customer text."""

    def __init__(self, detail: str, *, provider: str = "", model: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.provider = provider
        self.model = model


class ProviderUnavailable(ProviderError):
    """No connection, a server error, or an unusable body: another try or model may work."""


class ProviderTimeout(ProviderUnavailable):
    """A deadline passed: connect, first token, gap between tokens, or the whole call."""


class ProviderRateLimited(ProviderUnavailable):
    """The endpoint asked us to slow down. `retry_after_seconds` is its wish, if it told one."""

    def __init__(
        self,
        detail: str,
        *,
        provider: str = "",
        model: str = "",
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(detail, provider=provider, model=model)
        self.retry_after_seconds = retry_after_seconds


class ProviderRefused(ProviderError):
    """Wrong key, unknown model, no quota: trying again cannot help until someone changes it."""


class RequestRejected(ProviderRefused):
    """The endpoint rejects this very request; others may work."""


class EndpointUnreachable(ProviderUnavailable):
    """No connection came about: refused, no such host, or no answer to the attempt."""


class CallSkipped(ProviderUnavailable):
    """No call was made: the model's last calls failed, and it is left alone for a while."""


class ContextTooLong(ProviderError):
    """The prompt does not fit the model."""


class ContentFiltered(ProviderError):
    """The endpoint's own filter withheld the text."""


class CompletionUnusable(ProviderUnavailable):
    """The stream ended empty, cut, without a finish reason, or in a shape we cannot read."""


class CallCancelled(ProviderError):
    """Our side stopped the call: the customer pressed stop, or the process is shutting down."""


class RerankerUnavailable(ProviderUnavailable):
    """The reranking model cannot be loaded or failed."""


class VectorStoreUnavailable(ProviderUnavailable):
    """The vector index cannot be opened or reached."""


class VectorStoreBusy(VectorStoreUnavailable):
    """Another process owns the index on this data folder."""


class VectorDimensionMismatch(ProviderError):
    """The index was built with an embedding model of another size."""


class EmbedderUnavailable(ProviderUnavailable):
    """The embedding model cannot be loaded or failed on a text."""


class CompletionCutShort(ProviderError):
    """The model stopped at its output limit: the same request would stop there again.

    `text` is what it wrote; it is never part of the error's own words.
    """

    def __init__(self, detail: str, *, provider: str = "", model: str = "", text: str = "") -> None:
        super().__init__(detail, provider=provider, model=model)
        self.text = text
