"""Whom the butler talks to: Telegram, LLM, speech, RabbitMQ."""
