"""Without a language model the documents are quoted, and the page says so."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat import DELETE, ask
from tests.browser.conftest import Visits
from tests.server_process import ServerProcess

pytestmark = pytest.mark.browser


def test_a_quoted_answer_is_labelled_and_cited(visits: Visits, plain_server: ServerProcess) -> None:
    page = visits.open(plain_server.url)
    reply = ask(page, DELETE)

    expect(reply.locator(".label")).to_have_text("Quoted from our documents")
    expect(reply.locator("blockquote").first).to_contain_text("account")
    expect(reply.locator("button.marker").first).to_be_visible()
