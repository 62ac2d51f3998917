"""What the butler needs, checked: what was found, and what to do about it."""

from butler.doctor.examination import examine
from butler.doctor.finding import Finding, document, exit_code, show

__all__ = ["Finding", "document", "examine", "exit_code", "show"]
