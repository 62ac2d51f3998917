"""A personal butler in Telegram, on actors."""

__version__ = "0.1.0"
