// Which parts work, in one line at the top and in full below.

const WORDS = { ok: "works", note: "note", fault: "fault" };

export class Health {
  constructor() {
    this.state = document.getElementById("state");
    this.faults = document.getElementById("faults");
    this.parts = document.getElementById("parts");
    this.counts = document.getElementById("counts");
    this.isConnected = true;
    this.rate = null;
    this.told = { ok: true, parts: {} };
    this.before = "";
  }

  connected(is) {
    if (is === this.isConnected) return;
    this.isConnected = is;
    this.summarize();
  }

  show(told) {
    this.told = told;
    const said = JSON.stringify(told);
    if (said !== this.before) {
      this.before = said;
      this.list(told.parts);
    }
    this.summarize();
  }

  stats({ rate, frames, skipped, readings, seconds, temperature_c: celsius }) {
    this.rate = rate;
    const counts = { Frames: frames, Skipped: skipped, Readings: readings, Running: duration(seconds) };
    if (celsius !== null) counts.Temperature = `${celsius.toFixed(0)} °C`;
    this.counts.replaceChildren(...Object.entries(counts).map(([name, value]) => pair(name, value.toLocaleString())));
    this.summarize();
  }

  list(parts) {
    this.parts.replaceChildren(
      ...Object.entries(parts).map(([name, { state, text, since }]) => {
        const made = pair(name, text);
        const description = made.lastElementChild;
        description.dataset.state = state;
        description.title = `${WORDS[state]} since ${new Date(since).toLocaleString()}`;
        return made;
      }),
    );
    const lines = Object.entries(parts)
      .filter(([, part]) => part.state === "fault")
      .map(([name, { text }]) => {
        const line = document.createElement("p");
        line.append(Object.assign(document.createElement("b"), { textContent: name }), `: ${text}`);
        return line;
      });
    this.faults.replaceChildren(...lines);
  }

  summarize() {
    const faults = Object.entries(this.told.parts).filter(([, part]) => part.state === "fault");
    if (!this.isConnected) return this.say("fault", "Connection lost, trying again …");
    if (faults.length) return this.say("fault", `Fault: ${faults.map(([name]) => name).join(", ")}`);
    if (this.told.paused) return this.say("note", "Paused");
    if (this.rate !== null) this.say("live", `Live, ${this.rate.toFixed(this.rate < 10 ? 1 : 0)} frames a second`);
  }

  say(state, text) {
    this.state.dataset.state = state;
    if (this.state.textContent !== text) this.state.textContent = text;
  }
}

function pair(name, value) {
  const made = document.createElement("div");
  made.append(
    Object.assign(document.createElement("dt"), { textContent: name }),
    Object.assign(document.createElement("dd"), { textContent: value }),
  );
  return made;
}

function duration(seconds) {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}
