"""What of Pykka's insides the runtime relies on: fails first when a new Pykka changes them."""

import inspect

import pykka
from pykka import _actor, _envelope, _introspection, messages

from actors.runtime import PooledActor, PooledFuture, PooledRef


def public_and_hooks(cls: type) -> set[str]:
    return {name for name in vars(cls) if not name.startswith("__")}


def test_an_actor_type_still_consists_of_these_parts() -> None:
    assert pykka.Actor.__abstractmethods__ == {
        "_create_actor_inbox",
        "_create_future",
        "_start_actor_loop",
    }
    assert public_and_hooks(pykka.Actor) == {
        "_abc_impl",
        "_actor_loop",
        "_actor_loop_running",
        "_actor_loop_setup",
        "_actor_loop_teardown",
        "_create_actor_inbox",
        "_create_future",
        "_handle_failure",
        "_handle_receive",
        "_start_actor_loop",
        "_stop",
        "actor_ref",
        "on_failure",
        "on_receive",
        "on_start",
        "on_stop",
        "start",
        "stop",
    }
    assert set(pykka.Actor.__annotations__) == {
        "actor_inbox",
        "actor_stopped",
        "actor_urn",
        "_actor_ref",
    }
    assert list(inspect.signature(pykka.Actor.on_failure).parameters) == [
        "self",
        "exception_type",
        "exception_value",
        "traceback",
    ]


def test_an_inbox_and_an_envelope_still_look_like_this() -> None:
    assert public_and_hooks(_actor.ActorInbox) >= {"put", "get", "empty"}
    assert _envelope.Envelope.__slots__ == ["message", "reply_to"]


def test_a_ref_still_has_these_parts_and_all_are_ours() -> None:
    parts = {"ask", "is_alive", "proxy", "stop", "tell"}
    assert {name for name in public_and_hooks(pykka.ActorRef) if name[0] != "_"} == parts
    own = set(inspect.signature(pykka.ActorRef.__init__).parameters)
    assert own == {"self", "actor"}
    source = inspect.getsource(pykka.ActorRef.__init__)
    for attribute in ("_actor_weakref", "actor_class", "actor_urn", "actor_inbox", "actor_stopped"):
        assert f"self.{attribute} =" in source
        assert isinstance(inspect.getattr_static(PooledRef, attribute), property)


def test_messages_of_proxies_and_stop_are_still_these() -> None:
    assert messages._ActorStop() == ()
    assert messages.ProxyCall._fields == ("attr_path", "args", "kwargs")
    assert messages.ProxyGetAttr._fields == ("attr_path",)
    assert messages.ProxySetAttr._fields == ("attr_path", "value")


def test_a_proxy_still_looks_at_the_instance_through_the_ref() -> None:
    source = inspect.getsource(pykka.ActorProxy.__init__)
    assert "actor_ref._actor_weakref()" in source
    assert list(inspect.signature(_introspection.introspect_attrs).parameters) == ["root", "proxy"]


def test_a_future_still_keeps_its_hook_where_ours_looks() -> None:
    future = PooledFuture[int]()
    assert future._get_hook is None
    assert set(pykka.Future.__annotations__) == {"_get_hook", "_get_hook_result"}


def test_no_hook_of_the_loop_is_used_by_pooled_actors() -> None:
    overridden = public_and_hooks(PooledActor) & public_and_hooks(pykka.Actor)
    assert overridden >= {"start", "actor_ref", "_start_actor_loop", "_create_future"}
    assert "_actor_loop" not in overridden
