"""The disease library: definitions as data, each list of codes with its source and status."""

from openchronic.diseases.definition import STATUSES, CodeList, Criterion, Definition, Form, Status
from openchronic.diseases.library import LEVELS, Library, library_with, load_library, read_file

__all__ = [
    "LEVELS",
    "STATUSES",
    "CodeList",
    "Criterion",
    "Definition",
    "Form",
    "Library",
    "Status",
    "library_with",
    "load_library",
    "read_file",
]
