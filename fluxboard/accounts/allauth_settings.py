"""How people sign in: by e-mail, by invitation only, with a second factor for those who want one.

Plain constants; `fluxboard/settings.py` takes them all over. Names are Django's and django-allauth's own.
"""

import os

_HTTPS = os.environ.get("FLUXBOARD_URL", "").startswith("https://")

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email", "handle")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 30 * 24 * 3600

# Attempts are counted in the database, so that all worker processes count together and a restart
# forgives nothing. What may be forgotten and must be quick belongs into the cache named "parts".
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    "parts": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "parts",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
}

ACCOUNT_ADAPTER = "fluxboard.accounts.allauth_adapter.ByInvitation"
ACCOUNT_FORMS = {
    "login": "fluxboard.accounts.sign_in.SignInForm",
    "change_password": "fluxboard.accounts.sign_in.NewPasswordForm",
    "reset_password": "fluxboard.accounts.sign_in.ResetForm",
    "request_login_code": "fluxboard.accounts.sign_in.CodeForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "fluxboard.accounts.allauth_adapter.display_name"
ACCOUNT_EMAIL_VERIFICATION = (
    "none"  # nobody waits at the door; what an address counts for is ours (addresses.py)
)
ACCOUNT_CHANGE_EMAIL = True  # one address a person
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers' mailboxes get nothing from us
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Fluxboard: "
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # a session alone does not change how somebody signs in
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
# A whole office may sit behind one address at nine o'clock: what is guessed at is counted by account.
# Passwords are counted by `fluxboard.accounts.attempts`, since the key that django-allauth makes names the
# host of the request; "login_failed" is for codes of a second factor.
ACCOUNT_RATE_LIMITS = {
    "login": "600/m/ip",
    "login_failed": "60/m/ip,5/300s/key",
    # By the hour as well, since anybody can have mails sent to anybody. Each reset is a link that works, so
    # whoever reads the mailbox gets in also when somebody else has used them up.
    "reset_password": "20/m/ip,5/m/key,15/h/key",
    "request_login_code": "20/m/ip,3/m/key,15/h/key",
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _HTTPS else "http"

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "add_webauthn": "fluxboard.accounts.passkeys.AddPasskey",
    "authenticate_webauthn": "fluxboard.accounts.passkeys.AuthenticateByPasskey",
    "login_webauthn": "fluxboard.accounts.passkeys.LoginByPasskey",
    "reauthenticate_webauthn": "fluxboard.accounts.passkeys.ReauthenticateByPasskey",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Fluxboard"
MFA_TOTP_TOLERANCE = 1
# A factor for an address that somebody else has would keep its owner out for good.
MFA_ALLOW_UNVERIFIED_EMAIL = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _HTTPS  # browsers themselves allow http only on localhost
