// The guests' side of the playground over HTTP.

const BASE = "/playground/api";

async function call(method, path, body) {
  const form = body instanceof FormData;
  const response = await fetch(BASE + path, {
    method,
    headers: body && !form ? { "Content-Type": "application/json" } : {},
    body: form ? body : body && JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Error(answer.error || `HTTP ${response.status}`);
  }
  return answer;
}

export const api = {
  createGuest: (guest) =>
    call("POST", "/guests", { name: guest.name, language_code: guest.language, id: guest.id }),
  chat: (guest) => call("GET", `/chats/${guest.id}?language=${guest.language}`),
  write: (guest, text, replyTo) =>
    call("POST", `/guests/${guest.id}/messages`, { text, reply_to: replyTo }),
  edit: (guest, id, text) => call("PATCH", `/guests/${guest.id}/messages/${id}`, { text }),
  press: (guest, id, data) =>
    call("POST", `/guests/${guest.id}/press`, { message_id: id, button: data }),
  block: (guest, blocked) => call("POST", `/guests/${guest.id}/${blocked ? "block" : "unblock"}`),
  fileUrl: (fileId) => `${BASE}/files/${encodeURIComponent(fileId)}`,
  stream: (guest, after) => new EventSource(`${BASE}/chats/${guest.id}/stream?after=${after}`),

  /** Send a file as *kind*; details are its duration, caption and the like. */
  media(guest, kind, blob, name, details = {}) {
    const form = new FormData();
    for (const [key, value] of Object.entries({ ...details, kind, mime_type: blob.type })) {
      if (value !== undefined && value !== "") {
        form.append(key, value);
      }
    }
    form.append("file", blob, name);
    return call("POST", `/guests/${guest.id}/media`, form);
  },
};
