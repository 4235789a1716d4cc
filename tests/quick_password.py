from django.contrib.auth.hashers import PBKDF2PasswordHasher


class OneRound(PBKDF2PasswordHasher):
    """Quick in tests, and readable for a real server, which knows the algorithm and its count of rounds."""

    iterations = 1
