// Server-sent events out of a fetch: unlike EventSource it shows the status, and takes a cursor on each try.

/** Read `response` to its end; calls `on({type, id, data})` for each message, `on(null)` for any bytes. */
export async function readEvents(response, on) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    on(null);
    // A CR at the end of a chunk may be the first half of a CRLF.
    rest = (rest + value).replace(/\r\n|\r(?!$)/g, "\n");
    const end = rest.lastIndexOf("\n\n") + 1;
    parseEvents(rest.slice(0, end), on);
    rest = rest.slice(end);
  }
}

export function parseEvents(text, on) {
  for (const block of text.split("\n\n")) {
    const message = parseMessage(block);
    if (message) on(message);
  }
}

function parseMessage(block) {
  const message = { type: "message", id: "", data: [] };
  for (const line of block.split("\n")) {
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === "data") message.data.push(value);
    else if (name === "id") message.id = value;
    else if (name === "event" && value) message.type = value;
  }
  if (!message.data.length) return null;
  message.data = message.data.join("\n");
  return message;
}
