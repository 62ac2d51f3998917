"""The bare loop that the butler is measured against: it keeps nothing.

One getUpdates thread; 16 threads that each make one LLM POST and one sendMessage POST a message,
with `requests` (a default session a thread) or `urllib3`.
"""

from __future__ import annotations

import argparse
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import requests
import urllib3

THREADS = 16
TIMEOUT = 30.0


class Post(Protocol):
    def __call__(self, url: str, body: dict[str, Any]) -> Any: ...


def with_requests() -> Post:
    local = threading.local()

    def post(url: str, body: dict[str, Any]) -> Any:
        session = getattr(local, "session", None)
        if session is None:
            session = local.session = requests.Session()
        return session.post(url, json=body, timeout=TIMEOUT).json()

    return post


def with_urllib3() -> Post:
    pool = urllib3.PoolManager(maxsize=THREADS + 1, retries=False, timeout=TIMEOUT)
    headers = {"Content-Type": "application/json"}

    def post(url: str, body: dict[str, Any]) -> Any:
        answer = pool.request("POST", url, body=json.dumps(body).encode(), headers=headers)
        return json.loads(answer.data)

    return post


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--api", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--llm", required=True)
    parser.add_argument("--http", choices=("requests", "urllib3"), default="requests")
    args = parser.parse_args()
    post = with_requests() if args.http == "requests" else with_urllib3()
    bot = f"{args.api}/bot{args.token}"

    def answer(message: dict[str, Any]) -> None:
        prompt = [{"role": "user", "content": message["text"]}]
        body = {"model": "test-model", "messages": prompt}
        reply = post(f"{args.llm}/v1/chat/completions", body)
        text = reply["choices"][0]["message"]["content"]
        post(f"{bot}/sendMessage", {"chat_id": message["chat"]["id"], "text": text})

    print("ready", flush=True)
    offset = 0
    with ThreadPoolExecutor(THREADS) as pool:
        while True:
            updates = post(f"{bot}/getUpdates", {"offset": offset, "timeout": 5})["result"]
            for update in updates:
                offset = update["update_id"] + 1
                pool.submit(answer, update["message"])


if __name__ == "__main__":
    main()
