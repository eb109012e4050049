// Crops as the network sees them, with what it makes of them. Elements are used again from frame to frame.
const DIGITS = [..."0123456789"];
const BARS = 10; // the likeliest labels; one more says that it is none of them
const SIDE = 28;

export class Cells {
  constructor() {
    this.digits = document.getElementById("digits");
    this.rejects = document.getElementById("rejects");
    this.count = document.getElementById("aside-count");
  }

  show({ digits, rejected, labels = DIGITS }) {
    const seen = digits.filter((digit) => digit.crop).map((digit) => ({ ...digit, labels }));
    fill(this.digits, seen, makeCell, showCell);
    fill(this.rejects, grouped(rejected), makeReject, showReject);
    const text = rejected.length ? String(rejected.length) : "nothing";
    if (this.count.textContent !== text) this.count.textContent = text;
  }
}

function fill(list, values, make, show) {
  while (list.childElementCount > values.length) list.lastElementChild.remove();
  while (list.childElementCount < values.length) list.append(make());
  values.forEach((value, i) => show(list.children[i], value));
}

function makeCell() {
  const bars = node("div", "bars", ...Array.from({ length: BARS + 1 }, () => node("span")));
  bars.setAttribute("aria-hidden", "true");
  return node("li", "cell", makeCrop(), node("p", "verdict", document.createTextNode(""), node("small")), bars);
}

function showCell(cell, { digit, label = String(digit), confidence, probabilities, crop, labels }) {
  const [picture, verdict, bars] = cell.children;
  draw(picture, crop);
  verdict.firstChild.data = label;
  write(verdict.lastElementChild, percent(confidence));
  const none = Math.max(0, 1 - probabilities.reduce((sum, share) => sum + share, 0));
  const shown = [...likeliest(probabilities).map((i) => [labels[i], probabilities[i]]), ["–", none]];
  [...bars.children].forEach((bar, i) => {
    const [name = "", share = 0] = shown[i] ?? [];
    write(bar, name);
    bar.style.setProperty("--share", share.toFixed(3));
    bar.classList.toggle("best", name === label);
  });
}

// Which labels are shown, in their own order.
function likeliest(probabilities) {
  const all = [...probabilities.keys()];
  if (all.length <= BARS) return all;
  return all.sort((a, b) => probabilities[b] - probabilities[a]).slice(0, BARS).sort((a, b) => a - b);
}

// Those that the network saw one by one, the others counted by reason.
function grouped(rejected) {
  const counted = new Map();
  for (const { reason, crop } of rejected) if (!crop) counted.set(reason, (counted.get(reason) ?? 0) + 1);
  const others = [...counted].map(([reason, count]) => ({ reason: count > 1 ? `${reason} × ${count}` : reason, confidence: null }));
  return [...rejected.filter(({ crop }) => crop), ...others];
}

function makeReject() {
  return node("li", "reject", makeCrop(), node("span"));
}

function showReject(item, { reason, confidence, crop }) {
  const [picture, text] = item.children;
  picture.hidden = !crop;
  if (crop) draw(picture, crop);
  write(text, confidence === null ? reason : `${reason}, ${percent(confidence)}`);
}

function makeCrop() {
  const canvas = Object.assign(node("canvas", "crop"), { width: SIDE, height: SIDE });
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

function draw(canvas, crop) {
  if (canvas.crop === crop) return;
  canvas.crop = crop;
  const grey = atob(crop);
  const picture = new ImageData(SIDE, SIDE);
  for (let i = 0; i < grey.length; i++) picture.data.fill(grey.charCodeAt(i), 4 * i, 4 * i + 3);
  for (let i = 3; i < picture.data.length; i += 4) picture.data[i] = 255;
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

// rounded down, so that only certainty shows 100 %
const percent = (share) => `${Math.floor(100 * share)} %`;

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function node(name, className = "", ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}
