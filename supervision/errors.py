"""Every error of supervision and of the actor runtime, in one tree.

SupervisionError
├── SpecError                a child spec or a setting is wrong (also a ValueError)
│   ├── DuplicateId          two children, or two names of the directory, are called the same
│   ├── SpecCycle            a supervisor is its own descendant
│   └── NotAnActor           what should be started is no actor
├── NotFound                 no child or name like that (also pykka.ActorDeadError)
├── StartFailed              a tree or a child did not come up
├── SupervisorStopped        a child was offered to a supervisor that has stopped
├── RestartLimit             more restarts within the period than the level allows
└── ActorError               from the actor runtime
    ├── MailboxFull          the mailbox is at its bound; the message was not taken
    ├── WouldBlock           a blocking wait on a thread that must not block
    ├── HandlerHung          a handler ran past its deadline and was abandoned
    ├── Fenced               an abandoned incarnation tried to reach somebody
    ├── CannotPipe           nobody can be told when that future is done
    └── DispatcherStopped    the actor's threads are gone (also pykka.ActorDeadError)
"""

import pykka


class SupervisionError(Exception):
    """Whatever supervision or the actor runtime raises of its own."""


class SpecError(SupervisionError, ValueError):
    """A spec or a setting is wrong; the message says what was expected and what came."""


class DuplicateId(SpecError):
    """Two children of one supervisor, or two names of one directory, are the same."""


class SpecCycle(SpecError):
    """A supervisor contains itself."""


class NotAnActor(SpecError):
    """A child spec's ``start`` can start no actor."""


class NotFound(SupervisionError, pykka.ActorDeadError):
    """No child, or no name in the directory, is called that (now)."""


class StartFailed(SupervisionError):
    """A tree did not come up; ``__cause__`` is what the child raised."""


class SupervisorStopped(SupervisionError):
    """The supervisor has stopped or is stopping and takes no more children."""


class RestartLimit(SupervisionError):
    """More restarts within the period than the level allows."""


class ActorError(SupervisionError):
    """Whatever the actor runtime raises of its own."""


class MailboxFull(ActorError):
    """The mailbox is at its bound: the message was refused, and counted."""


class WouldBlock(ActorError):
    """A blocking wait on a thread that must not block, or for oneself."""


class HandlerHung(ActorError):
    """A handler ran past its deadline; the incarnation that ran it was abandoned."""


class Fenced(ActorError):
    """An abandoned or replaced incarnation tried to send, set a timer, pipe or watch."""


class CannotPipe(ActorError):
    """A future that tells nobody when it is done can't be piped."""


class DispatcherStopped(ActorError, pykka.ActorDeadError):
    """The dispatcher has stopped, so the actor can never run again."""
