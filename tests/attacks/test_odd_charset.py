"""A form in another charset than UTF-8, at the real server: refused, whatever its codec would make of it."""

from __future__ import annotations

import re

import pytest

from tests.attacks.test_raw_requests import head, server, statuses, talk  # noqa: F401
from tests.live import LiveApp

pytestmark = pytest.mark.browser  # a real server, though no browser

FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
BODY = '--x\r\nContent-Disposition: form-data; name="login"\r\n\r\nana\r\n--x--\r\n'
# Two codecs that are none of texts, two of two and four bytes, one that is none, one that was common.
OTHERS = ["hex", "rot13", "utf-16", "utf-32", "nonsense", "iso-8859-1"]


@pytest.mark.parametrize("charset", OTHERS)
@pytest.mark.parametrize("kind", [FORM, PARTS])
@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/login/?next=%2Fb%2FFLX%2F"])
def test_a_form_in_another_charset_is_refused(path: str, kind: str, charset: str, server: LiveApp):  # noqa: F811
    """Also where Django reads the query by it while it makes the request."""
    told = [f"Content-Type: {kind}; charset={charset}", f"Content-Length: {len(BODY)}", "Connection: close"]
    heard = talk(server, head(*told, first=f"POST {path} HTTP/1.1") + BODY)
    assert statuses(heard) == [400]
    assert re.search(rb"Send forms in UTF-8", heard)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "us-ascii"])
def test_a_form_that_says_that_it_is_in_utf_8_is_read(charset: str, server: LiveApp):  # noqa: F811
    told = [f"Content-Type: {FORM}; charset={charset}", "Content-Length: 5", "Connection: close"]
    heard = talk(server, head(*told, first="POST /accounts/login/ HTTP/1.1") + "a=b&c")
    assert statuses(heard) == [403]  # without its token, so it was read
