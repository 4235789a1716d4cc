from django.apps import AppConfig


class FluxboardConfig(AppConfig):
    name = "fluxboard"
