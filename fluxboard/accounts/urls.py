"""Addresses of people: the profile and the one-time links. Sign-in and its kin are django-allauth's."""

from django.urls import path

from fluxboard.accounts import address_views, views

urlpatterns = [
    path("me/", views.profile, name="profile"),
    path("me/start/", views.start, name="start"),
    path("me/sessions/", views.sessions, name="sessions"),
    path("accounts/email/", address_views.address, name="account_email"),
    path("accounts/email/old/<str:secret>/", address_views.old, name="address_old"),
    path("accounts/email/new/<str:secret>/", address_views.new, name="address_new"),
    path("accounts/email/here/<str:secret>/", address_views.here, name="address_here"),
    path("accounts/welcome/<str:secret>/", views.welcome, name="welcome"),
]
