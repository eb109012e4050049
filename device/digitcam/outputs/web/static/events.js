// The service's events. The browser connects again by itself, unless it was refused or the line is dead.
const KINDS = ["frame", "reading", "stats", "health"];
const SILENT_MS = 6000; // counts come each second
const AGAIN_MS = 2000;

export class Events {
  constructor(handlers) {
    this.handlers = handlers;
    this.source = null;
  }

  start() {
    this.stop();
    this.source = new EventSource("/api/stream");
    this.heard = performance.now();
    for (const kind of KINDS) {
      this.source.addEventListener(kind, (event) => {
        this.heard = performance.now();
        this.handlers.connected(true);
        this.handlers[kind](JSON.parse(event.data));
      });
    }
    this.source.addEventListener("error", () => {
      this.handlers.connected(false);
      if (this.source?.readyState === EventSource.CLOSED) this.again(AGAIN_MS);
    });
    this.timer = setInterval(() => {
      if (performance.now() - this.heard < SILENT_MS) return;
      this.handlers.connected(false);
      this.again(0);
    }, 1000);
  }

  stop() {
    clearInterval(this.timer);
    clearTimeout(this.waiting);
    this.source?.close();
    this.source = null;
  }

  again(after) {
    this.stop();
    this.waiting = setTimeout(() => this.start(), after);
  }
}
