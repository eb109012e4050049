// The picture and the boxes on it, which are always those of the same frame.
import { boxes } from "./boxes.js";

const KEPT = 8; // frames whose other half has not come yet
const LATE_MS = 4000; // without a new frame

export class View {
  constructor() {
    this.canvas = document.getElementById("picture");
    this.svg = document.getElementById("boxes");
    this.veil = document.getElementById("veil");
    this.pictures = new Map();
    this.frames = new Map();
    this.shown = performance.now();
    this.isConnected = true;
    this.reason = "";
    this.onshown = () => {};
    setInterval(() => this.cover(), 500);
  }

  picture(sequence, bitmap) {
    keep(this.pictures, sequence, bitmap)?.close();
    this.pair(sequence);
  }

  frame(frame) {
    keep(this.frames, frame.sequence, frame);
    this.pair(frame.sequence);
  }

  pair(sequence) {
    const picture = this.pictures.get(sequence);
    const frame = this.frames.get(sequence);
    if (!picture || !frame) return;
    // numbers begin again with the service: what came before is gone, not late
    for (const old of this.pictures.values()) if (old !== picture) old.close();
    this.pictures.clear();
    this.frames.clear();
    this.draw(picture, frame);
    picture.close();
  }

  draw(picture, frame) {
    if (this.canvas.width !== picture.width || this.canvas.height !== picture.height) {
      this.canvas.width = picture.width;
      this.canvas.height = picture.height;
    }
    this.canvas.getContext("2d").drawImage(picture, 0, 0);
    this.canvas.dataset.sequence = frame.sequence;
    boxes(this.svg, frame);
    this.shown = performance.now();
    this.cover();
    this.onshown(frame);
  }

  connected(is) {
    if (is && !this.isConnected) this.shown = performance.now();
    this.isConnected = is;
    this.cover();
  }

  explain({ parts, paused }) {
    const { state, text } = parts.camera ?? {};
    this.reason = paused ? "Paused" : state === "fault" ? `Camera: ${text}` : "";
    this.cover();
  }

  cover() {
    const isLate = performance.now() - this.shown > LATE_MS;
    const text = this.isConnected ? (isLate && (this.reason || "No new frame …")) || "" : "Connection lost. Trying again …";
    const has = this.canvas.dataset.sequence !== undefined;
    const message = has || !this.isConnected || this.reason ? text : "Waiting for the first frame …";
    if (this.veil.textContent !== message) this.veil.textContent = message;
  }
}

// Keep the newest few; returns what had to go.
function keep(map, key, value) {
  const before = map.get(key);
  map.delete(key);
  map.set(key, value);
  if (map.size <= KEPT) return before;
  const oldest = map.keys().next().value;
  const gone = map.get(oldest);
  map.delete(oldest);
  return gone;
}
