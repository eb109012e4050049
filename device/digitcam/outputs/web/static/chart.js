// What each stage took in the newest frames, one stacked bar a frame, and the figures in a table.
const BAR = 4; // CSS pixels, with the gap
const GAP = 1;
const SCALE = 52; // for the figures at the left
const FRAMES = 500;
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const COLOURS = 8;

export class Chart {
  constructor() {
    this.canvas = document.getElementById("chart");
    this.rows = document.getElementById("stages");
    this.frames = [];
    this.stages = [];
    this.due = false;
    this.top = 1;
    new ResizeObserver(() => this.later()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.later());
  }

  add(ms) {
    for (const stage of Object.keys(ms)) if (!this.stages.includes(stage)) this.stages.push(stage);
    this.frames.push(ms);
    if (this.frames.length > FRAMES) this.frames.shift();
    this.later();
  }

  table(latency) {
    for (const stage of Object.keys(latency)) if (!this.stages.includes(stage) && stage !== "total") this.stages.push(stage);
    const rows = Object.entries(latency).map(([stage, { p50, p99 }]) => {
      const row = document.createElement("tr");
      const name = Object.assign(document.createElement("th"), { scope: "row" });
      const mark = document.createElement("i");
      if (stage !== "total") mark.style.setProperty("--colour", `var(${this.colour(stage)})`);
      name.append(mark, stage);
      row.append(name, cell(p50), cell(p99));
      return row;
    });
    this.rows.replaceChildren(...rows);
  }

  colour(stage) {
    return `--s${this.stages.indexOf(stage) % COLOURS}`;
  }

  later() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.draw();
    });
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width) return;
    const scale = devicePixelRatio;
    if (this.canvas.width !== Math.round(width * scale) || this.canvas.height !== Math.round(height * scale)) {
      this.canvas.width = Math.round(width * scale);
      this.canvas.height = Math.round(height * scale);
    }
    const style = getComputedStyle(this.canvas);
    const context = this.canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const shown = this.frames.slice(-Math.floor((width - SCALE) / BAR));
    this.top = ceiling(shown);
    this.grid(context, width, height, style);
    shown.forEach((ms, i) => {
      let y = height;
      const x = width - (shown.length - i) * BAR;
      for (const stage of this.stages) {
        const tall = ((ms[stage] ?? 0) / this.top) * height;
        context.fillStyle = style.getPropertyValue(this.colour(stage));
        context.fillRect(x, (y -= tall), BAR - GAP, tall);
      }
    });
  }

  grid(context, width, height, style) {
    const step = STEPS.find((each) => this.top / each <= 4) ?? this.top / 4;
    context.fillStyle = style.getPropertyValue("--muted");
    context.strokeStyle = style.getPropertyValue("--line");
    context.textAlign = "right";
    context.font = `12px ${style.fontFamily}`;
    for (let ms = step; ms < this.top; ms += step) {
      const y = Math.round(height - (ms / this.top) * height) + 0.5;
      context.beginPath();
      context.moveTo(SCALE, y);
      context.lineTo(width, y);
      context.stroke();
      context.fillText(`${ms} ms`, SCALE - 8, y + 4);
    }
  }
}

// Nearly all frames fit under it; a rare slow one may stick out at the top.
function ceiling(frames) {
  const sums = frames.map((ms) => Object.values(ms).reduce((sum, each) => sum + each, 0)).sort((a, b) => a - b);
  return Math.max(1, 1.25 * (sums[Math.floor(0.95 * (sums.length - 1))] ?? 1));
}

function cell(ms) {
  return Object.assign(document.createElement("td"), { textContent: `${ms < 10 ? ms.toFixed(2) : ms.toFixed(1)} ms` });
}
