"""Settings, all by environment, each with a default that is safe to forget."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.csp import CSP

from fluxboard.core import postgres
from fluxboard.server import limits
from fluxboard.server.embedded_postgres import addresses
from fluxboard.server.environment import (
    database_from_url,
    flag,
    mailers,
    secret_key,
    words,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = addresses.var_folder()

PAGE_SECONDS: float = postgres.PAGE_SECONDS
COMMAND_SECONDS: float = postgres.COMMAND_SECONDS

DEBUG = flag("DEBUG", default=False)
SECRET_KEY = secret_key(VAR_DIR)

# The address that people use, such as https://board.example.org; https turns on secure cookies and HSTS.
PUBLIC_URL = os.environ.get("FLUXBOARD_URL", "").rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = words(
    "ALLOWED_HOSTS",
    default=["localhost", "127.0.0.1", "[::1]", *filter(None, [urlsplit(PUBLIC_URL).hostname])],
)
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL] if PUBLIC_URL else [])
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True  # scripts take the token from the page
SECURE_HSTS_SECONDS = int(os.environ.get("FLUXBOARD_HSTS_SECONDS", "31536000" if HTTPS else "0"))
# A proxy's word about the visitor's scheme and address counts only when told: anyone else could send it too.
if flag("FLUXBOARD_TRUST_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT, SECURE_SSL_HOST = HTTPS, urlsplit(PUBLIC_URL).netloc or None
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

# W005, W021: whether the whole domain speaks only HTTPS is not one board's to promise; the proxy can say so.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

INSTALLED_APPS = [
    "fluxboard.accounts",
    "activity",
    "boards",
    "comments",
    "fluxboard.meetings",
    "fluxboard",
    "fluxboard.accounts.admin_app.AdminApp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_eventstream",
]

MIDDLEWARE = [
    "fluxboard.server.middleware.guard.guard_middleware",
    "fluxboard.server.middleware.query_deadline.deadline_middleware",
    "fluxboard.server.middleware.health.health_middleware",
    "fluxboard.server.middleware.request_log.request_log_middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "fluxboard.accounts.middleware.SignedIn",
    "fluxboard.accounts.middleware.ReaderZone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fluxboard.server.middleware.bars.Bars",
]

ROOT_URLCONF = "fluxboard.urls"
ASGI_APPLICATION = "fluxboard.asgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False  # one language; asking which one took a tenth of a page

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["boards.templatetags.fluxboard"],
        },
    }
]

# Without DATABASE_URL the addresses are those of the embedded server, which manage.py and bin/serve start.
_embedded = addresses.addresses().environment() if not os.environ.get("DATABASE_URL") else {}
_urls = os.environ | _embedded
_owner_url = _urls.get("FLUXBOARD_MIGRATE_DATABASE_URL") or _urls["DATABASE_URL"]
_as_owner = os.environ.get("FLUXBOARD_DATABASE_ROLE") == "owner"
DATABASES = {"default": database_from_url(_owner_url if _as_owner else _urls["DATABASE_URL"])}
DATABASE_APP_ROLE = database_from_url(_urls["DATABASE_URL"])["USER"]

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("FLUXBOARD_STATIC_ROOT") or VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static", ("htmx", BASE_DIR / "node_modules" / "htmx.org" / "dist")]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "fluxboard.server.assets.stylesheets.JoinedStyles",
    "fluxboard.server.assets.scripts.JoinedScripts",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "fluxboard.server.assets.storage.HashedStaticFiles"
    },
}

# Sessions stand in the database: every worker process sees a sign-out at once.
SESSION_ENGINE = "fluxboard.accounts.sessions"
DATA_UPLOAD_MAX_MEMORY_SIZE = limits.FORM_BYTES

MAILERS = mailers()
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Fluxboard <fluxboard@localhost>")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "fluxboard.server.middleware.request_log.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "fluxboard": {"level": os.environ.get("LOG_LEVEL", "INFO").upper()},
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # Every 4xx is in the request log already; what Django adds here is a second line for each.
        "django.request": {"level": "ERROR"},
    },
}

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "manifest-src": [CSP.SELF],
}

EVENTSTREAM_STORAGE_CLASS = "activity.live.event_store.BoardStorage"
EVENTSTREAM_CHANNELMANAGER_CLASS = "activity.live.channels.BoardChannels"

from fluxboard.accounts.allauth_settings import *  # noqa: E402, F403
