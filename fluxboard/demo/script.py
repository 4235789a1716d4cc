"""The demo's boards."""

from fluxboard.demo.checkout import CHECKOUT
from fluxboard.demo.mobile import MOBILE
from fluxboard.demo.support import SUPPORT

BOARDS = (CHECKOUT, MOBILE, SUPPORT)
