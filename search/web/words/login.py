"""Words of the login."""

from __future__ import annotations

EN = {
    "login_title": "Log in",
    "login_why": "This Kawat is open to those who have its token.",
    "login_token": "Token",
    "login_in": "Log in",
    "login_wrong": "That is not the token. Whoever set up this Kawat has it, as KAWAT_TOKEN.",
    "login_known": "You are logged in.",
    "login_out": "Log out",
}
ID = {
    "login_title": "Masuk",
    "login_why": "Kawat ini terbuka bagi yang memiliki tokennya.",
    "login_token": "Token",
    "login_in": "Masuk",
    "login_wrong": "Itu bukan tokennya. Token itu ada pada yang memasang Kawat ini, sebagai KAWAT_TOKEN.",
    "login_known": "Anda sudah masuk.",
    "login_out": "Keluar",
}
