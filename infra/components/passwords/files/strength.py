"""Judges a password with libpwquality, as pam_pwquality does, and returns the reason of a refusal as a word."""

import ctypes
import unicodedata

LIBRARY = "libpwquality.so.1"
LONGEST = 128
# Of libpwquality's errors (pwquality.h), the reasons that a user can do something about.
REASONS = {
    **dict.fromkeys((-9, -16, -17, -21), "similar"),
    -14: "length",
    -18: "classes",
    **dict.fromkeys((-15, -19, -27, -29), "pattern"),
    **dict.fromkeys((-22, -28), "words"),
    **dict.fromkeys((-25, -26), "name"),
}


def refused(new: str, *, old: str, login: str, least_length: int, least_classes: int) -> str | None:
    """Return why a password is refused; None if it is good. Raises OSError without the library."""
    if not new.isprintable() or new != new.strip() or unicodedata.normalize("NFC", new) != new:
        return "characters"
    if not least_length <= len(new) <= LONGEST:
        return "length"
    if new == old:
        return "similar"
    error = _judged(
        new,
        old=old,
        login=login,
        options=(f"minlen={least_length}", f"minclass={least_classes}", "difok=4", "gecoscheck=1"),
    )
    return None if error >= 0 else REASONS.get(error, "words")


def _judged(new: str, *, old: str, login: str, options: tuple[str, ...]) -> int:
    """Return libpwquality's score, or its error, which is negative."""
    library = ctypes.CDLL(LIBRARY)
    library.pwquality_default_settings.restype = ctypes.c_void_p
    settings = ctypes.c_void_p(library.pwquality_default_settings())
    try:
        for option in options:
            if library.pwquality_set_option(settings, option.encode()) != 0:
                raise OSError(f"{LIBRARY} does not take {option}")
        return int(
            library.pwquality_check(
                settings,
                new.encode(),
                old.encode(),
                login.encode(),
                ctypes.byref(ctypes.c_void_p()),
            )
        )
    finally:
        library.pwquality_free_settings(settings)
