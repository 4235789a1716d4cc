"""Addresses of people: the profile and the one-time links. Sign-in and its kin are django-allauth's."""

from django.urls import path

from fluxboard.accounts import views

urlpatterns = [
    path("me/", views.profile, name="profile"),
    path("me/start/", views.start, name="start"),
    path("me/sessions/", views.sessions, name="sessions"),
    path("accounts/welcome/<str:secret>/", views.welcome, name="welcome"),
]
