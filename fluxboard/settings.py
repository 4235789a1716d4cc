"""Settings, all by environment, each with a default that is safe to forget."""

import os
from pathlib import Path

from django.utils.csp import CSP

from fluxboard import embedded_postgres
from fluxboard.environment import database_from_url, flag, secret_key, words

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = embedded_postgres.var_folder()

DEBUG = flag("DEBUG", default=False)
SECRET_KEY = secret_key(VAR_DIR)
PUBLIC_URL = os.environ.get("FLUXBOARD_URL", "").rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = words("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

INSTALLED_APPS = [
    "fluxboard.accounts",
    "activity",
    "boards",
    "comments",
    "fluxboard",
    "django.contrib.admin",
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
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "fluxboard.urls"
ASGI_APPLICATION = "fluxboard.asgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True

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
_embedded = embedded_postgres.addresses().environment() if not os.environ.get("DATABASE_URL") else {}
_urls = os.environ | _embedded
_owner_url = _urls.get("FLUXBOARD_MIGRATE_DATABASE_URL") or _urls["DATABASE_URL"]
_as_owner = os.environ.get("FLUXBOARD_DATABASE_ROLE") == "owner"
DATABASES = {"default": database_from_url(_owner_url if _as_owner else _urls["DATABASE_URL"])}
DATABASE_APP_ROLE = database_from_url(_urls["DATABASE_URL"])["USER"]

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", ("htmx", BASE_DIR / "node_modules" / "htmx.org" / "dist")]

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

EVENTSTREAM_STORAGE_CLASS = "activity.storage.BoardStorage"
EVENTSTREAM_CHANNELMANAGER_CLASS = "activity.stream.BoardChannels"
