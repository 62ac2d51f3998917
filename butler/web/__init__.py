"""Health, metrics, console and webhook over HTTP."""

from butler.web.server import WebServer
from butler.web.site import create_app
from butler.web.status import StatusSource
from butler.web.webhook import Webhook, WebhookSink

__all__ = ["StatusSource", "WebServer", "Webhook", "WebhookSink", "create_app"]
