// What a person asks of the service.
import { boxes } from "./boxes.js";
import { fit } from "./reading.js";

export class Control {
  constructor() {
    this.pause = document.getElementById("pause");
    this.threshold = document.getElementById("threshold");
    this.value = document.getElementById("threshold-value");
    this.answer = document.getElementById("answer");
    this.file = document.getElementById("picture-file");
    this.pause.addEventListener("click", () => this.ask(this.isPaused ? "/api/resume" : "/api/pause"));
    this.threshold.addEventListener("input", () => this.write());
    this.threshold.addEventListener("change", () =>
      this.ask("/api/threshold", JSON.stringify({ min_confidence: this.threshold.value / 100 })),
    );
    this.file.addEventListener("change", () => this.read(this.file.files[0]));
    this.isPaused = false;
    this.moved = null;
  }

  show({ paused, min_confidence: threshold }) {
    this.isPaused = paused;
    this.move(threshold);
    this.pause.setAttribute("aria-pressed", String(this.isPaused));
    this.pause.textContent = this.isPaused ? "Resume" : "Pause";
  }

  // Where the service has it; not while a person is about to set it elsewhere.
  move(threshold) {
    if (threshold === this.moved) return;
    this.moved = threshold;
    this.threshold.value = Math.round(100 * threshold);
    this.write();
  }

  write() {
    this.value.textContent = `${this.threshold.value} %`;
  }

  async ask(path, body) {
    const headers = body ? { "content-type": "application/json" } : {};
    await this.send(path, { body, headers });
  }

  // What was answered, or null where it was refused; the page says why.
  async send(path, options) {
    this.answer.textContent = "";
    try {
      const answer = await fetch(path, { method: "POST", ...options });
      const text = await answer.text();
      if (!answer.ok) throw new Error(JSON.parse(text).error);
      return text && JSON.parse(text);
    } catch (error) {
      this.answer.textContent = `Not done: ${error.message}`;
      return null;
    }
  }

  async read(file) {
    if (!file) return;
    this.file.value = "";
    const reading = await this.send("/api/read", { body: file });
    if (reading) await showSent(file, reading);
  }
}

async function showSent(file, reading) {
  const picture = document.getElementById("sent-picture");
  const address = URL.createObjectURL(file);
  picture.src = address;
  await picture.decode().catch(() => {});
  URL.revokeObjectURL(address);
  boxes(document.getElementById("sent-boxes"), { ...reading, size: [picture.naturalWidth, picture.naturalHeight] });
  fit(document.getElementById("sent-text"), reading.text || "Nothing read");
  document.getElementById("sent").showModal();
}
