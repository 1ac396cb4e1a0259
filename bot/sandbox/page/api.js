// Deeds go by POST; a refusal comes back as a sentence.

export async function post(path, body) {
  const response = await fetch(`/control/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Sandbox": "page" },
    body: JSON.stringify(body),
  });
  return read(response);
}

export async function postFiles(fields, files) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null && value !== undefined) form.append(name, String(value));
  }
  for (const file of files) form.append("file", file);
  const response = await fetch("/control/file", { method: "POST", headers: { "X-Sandbox": "page" }, body: form });
  return read(response);
}

async function read(response) {
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

// News come by WebSocket; after a break it connects again, and each connection begins with everything.
export function listen(onEvent, onState) {
  let wait = 250;
  const connect = () => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/control/socket`);
    socket.onopen = () => { wait = 250; onState(true); };
    socket.onmessage = (message) => onEvent(JSON.parse(message.data));
    socket.onclose = () => {
      onState(false);
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, 4000);
    };
  };
  connect();
}
