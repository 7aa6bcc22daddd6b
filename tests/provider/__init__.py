"""The provider of OpenID Connect that tests log in at."""
