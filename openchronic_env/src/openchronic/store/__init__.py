"""The store of typed tables: files that builds have read, by content, in a folder of restricted access."""

from __future__ import annotations

from openchronic.store.entry import Entry, write_entry
from openchronic.store.folder import Store, open_store
from openchronic.store.keys import key_of
from openchronic.store.readers import Readers, readers_of

__all__ = ["Entry", "Readers", "Store", "key_of", "open_store", "readers_of", "write_entry"]
