// What comes from the service goes to the parts of the page.
import { Chart } from "./chart.js";
import { Cells } from "./cells.js";
import { Control } from "./control.js";
import { Events } from "./events.js";
import { Health } from "./health.js";
import { showReading } from "./reading.js";
import { Video } from "./video.js";
import { View } from "./view.js";

const SEEN_MS = 160; // crops change no more often than an eye follows

const view = new View();
const cells = new Cells();
const chart = new Chart();
const health = new Health();
const control = new Control();
let seen = 0;

view.onshown = (frame) => {
  chart.add(frame.ms);
  const now = performance.now();
  if (now - seen >= SEEN_MS) {
    seen = now;
    cells.show(frame);
  }
};

const video = new Video((sequence, picture) => view.picture(sequence, picture));
const events = new Events({
  frame: (frame) => view.frame(frame),
  reading: showReading,
  stats: (stats) => {
    chart.table(stats.latency);
    health.stats(stats);
  },
  health: (state) => {
    health.show(state);
    control.show(state);
    view.explain(state);
  },
  connected: (is) => {
    health.connected(is);
    view.connected(is);
  },
});

// a page that nobody sees is not worth encoding frames for
function watch() {
  for (const stream of [video, events]) document.hidden ? stream.stop() : stream.start();
}
document.addEventListener("visibilitychange", watch);
watch();
