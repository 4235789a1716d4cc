"""The demo's boards."""

from fluxboard.features.demo.stories.checkout import CHECKOUT
from fluxboard.features.demo.stories.mobile import MOBILE
from fluxboard.features.demo.stories.newsletter import NEWSLETTER
from fluxboard.features.demo.stories.support import SUPPORT

BOARDS = (CHECKOUT, MOBILE, SUPPORT, NEWSLETTER)
