"""One guest, decided in plain objects: attempts, ledger, conversation, compaction."""
