// The frames: motion JPEG, taken apart here so that each comes with its number and a dead stream is noticed.
const AGAIN_MS = 1000;
const decoder = new TextDecoder("latin1");

export class Video {
  constructor(show) {
    this.show = show;
    this.stopping = null;
  }

  async start() {
    this.stop();
    const stopping = (this.stopping = new AbortController());
    while (!stopping.signal.aborted) {
      try {
        const answer = await fetch("/api/live.mjpg", { signal: stopping.signal, cache: "no-store" });
        if (answer.ok) await this.take(answer.body.getReader());
      } catch {
        // the service is being started again, or the network is away: the events say so on the page
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  stop() {
    this.stopping?.abort();
  }

  async take(reader) {
    let held = new Uint8Array(0);
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const joined = new Uint8Array(held.length + value.length);
      joined.set(held);
      joined.set(value, held.length);
      held = joined;
      for (let part; (part = split(held)); held = held.subarray(part.end)) await this.decode(part);
    }
  }

  async decode({ sequence, jpeg }) {
    try {
      this.show(sequence, await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" })));
    } catch {
      // a damaged picture is left out; the next comes at once
    }
  }
}

// The first whole part of what is held: its header lines end with an empty one, and say how long the picture is.
function split(held) {
  const head = decoder.decode(held.subarray(0, 1024));
  const blank = head.indexOf("\r\n\r\n");
  if (blank < 0) return null;
  const length = Number(/content-length: (\d+)/i.exec(head.slice(0, blank))?.[1]);
  const sequence = Number(/x-sequence: (\d+)/i.exec(head.slice(0, blank))?.[1]);
  const begin = blank + 4;
  const end = begin + length;
  return held.length < end ? null : { sequence, jpeg: held.slice(begin, end), end };
}
