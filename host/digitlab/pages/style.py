"""How the pages look, in a light and a dark dress."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #f6f5f1; --surface: #ffffff; --ink: #1c2230; --muted: #626a7a; --line: #e2e0d8;
  --blue: #2b5fc7; --red: #c02a2a; --green: #1a7f3c; --orange: #a85a00; --invert: 1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101319; --surface: #181c25; --ink: #e8eaf0; --muted: #9aa3b5; --line: #2a303d;
    --blue: #82aaff; --red: #ff7a72; --green: #5fd38d; --orange: #ffb454; --invert: 0;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
main, header { max-width: 72rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 2.5rem; }
h1 { font-size: clamp(1.6rem, 5vw, 2.4rem); line-height: 1.15; letter-spacing: -.02em; margin: 0 0 .4rem; }
h2 { font-size: 1.25rem; letter-spacing: -.01em; margin: 0 0 .25rem; }
h3 { font-size: .95rem; margin: 0 0 .5rem; }
p { margin: 0 0 1rem; max-width: 46rem; }
.note { color: var(--muted); font-size: .92rem; }
a { color: var(--blue); }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 1.2rem 0; font-size: .92rem; }
nav a { text-decoration: none; padding: .2rem 0; }
nav a:hover { text-decoration: underline; }
section, .tile, details {
  background: var(--surface); border: 1px solid var(--line); border-radius: 14px;
}
section { padding: 1.4rem; margin: 0 0 1.2rem; overflow: hidden; }
details { padding: .8rem 1.1rem; }
summary { cursor: pointer; font-weight: 600; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .8rem;
  margin: 1.4rem 0 .8rem; }
.tile { padding: .9rem 1.1rem; }
.tile b { display: block; font-size: 1.7rem; line-height: 1.2; letter-spacing: -.02em; font-weight: 650; }
.tile span { color: var(--muted); font-size: .85rem; }
.tile strong { font-size: .85rem; font-weight: 600; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .15rem 1.2rem; font-size: .88rem;
  margin: .8rem 0 .2rem; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 23rem), 1fr)); gap: 1.6rem; }
.pair > * { min-width: 0; }
.chart { display: block; width: 100%; max-width: 34rem; height: auto; }
.chart text { font-family: inherit !important; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--muted); font-size: .88rem; padding-bottom: .5rem; }
.figures th, .figures td { padding: .35rem .6rem; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
.figures thead th { white-space: normal; color: var(--muted); font-weight: 500; vertical-align: bottom; }
.figures th:first-child { text-align: left; }
.figures tr:last-child > * { border-bottom: 0; }
.heat { table-layout: fixed; }
.heat tr > :first-child { width: 1.6rem; }
.heat th { font-weight: 600; color: var(--muted); padding: .2rem; }
.heat td { height: 2.3rem; padding: 0; text-align: center; border: 2px solid var(--surface); border-radius: 6px;
  color: var(--muted); }
.heat .right { background: color-mix(in srgb, var(--blue) var(--heat), var(--surface)); color: var(--ink);
  font-weight: 600; }
.heat .wrong { background: color-mix(in srgb, var(--red) var(--heat), var(--surface)); color: var(--ink); }
.picture { display: block; border-radius: 5px; overflow: hidden; border: 1px solid var(--line); aspect-ratio: 1; }
/* The network sees bright ink on black; a light page shows it as ink on paper. */
.picture img { display: block; width: 100%; image-rendering: pixelated; filter: invert(var(--invert)); }
.samples { table-layout: fixed; max-width: 34rem; }
.samples th { color: var(--muted); font-weight: 500; }
.samples td, .samples th { padding: 2px; }
.groups { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 1rem 2rem; }
.group { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: .5rem; align-items: start; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(6rem, 1fr)); gap: .9rem .7rem; }
.sheet { display: grid; gap: .7rem .5rem; margin: 0 0 1.2rem; }
.five { grid-template-columns: repeat(5, minmax(0, 1fr)); max-width: 24rem; text-align: center; }
.ten { grid-template-columns: repeat(10, minmax(0, 1fr)); }
@media (max-width: 48rem) { .ten { grid-template-columns: repeat(5, minmax(0, 1fr)); } }
figure { margin: 0; }
pre { margin: 0; font-size: .82rem; line-height: 1.25; }
figcaption { font-size: .8rem; line-height: 1.3; padding-top: .25rem; font-variant-numeric: tabular-nums; }
figcaption small { color: var(--muted); font-size: .92em; }
figcaption b { white-space: nowrap; }
.bar { display: block; height: 4px; border-radius: 2px; margin-top: .3rem;
  background: linear-gradient(to right, var(--blue) var(--sure), var(--line) var(--sure)); }
.classes { max-width: 26rem; margin-bottom: 1.2rem; }
.classes th { width: 4.5rem; text-align: left; font-weight: 500; }
.classes td { padding: .15rem .3rem; text-align: right; width: 5rem; white-space: nowrap; }
.classes .share { width: auto; }
.share::before { content: ""; display: block; height: .7rem; border-radius: 3px; min-width: 1px;
  width: var(--sure); background: var(--blue); }
.miss { color: var(--red); }
.miss .picture { border-color: var(--red); box-shadow: 0 0 0 1px var(--red); }
.miss .bar { background: linear-gradient(to right, var(--red) var(--sure), var(--line) var(--sure)); }
.shots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); gap: 1.6rem; }
.shot { min-width: 0; content-visibility: auto; contain-intrinsic-size: auto 30rem; }
.shot.wide { grid-column: 1 / -1; }
.shot h3 { overflow-wrap: anywhere; margin: 0; }
.shot h3 small { color: var(--muted); font-weight: 400; }
.shot p { font-size: .88rem; margin: 0 0 .5rem; }
.shot code { overflow-wrap: anywhere; }
.view { position: relative; max-width: 100%; }
.view img { display: block; width: 100%; border-radius: 5px; }
.view svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; }
.view rect, .swatch rect { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
.view text { font-weight: 700; stroke: #fff; stroke-width: .22em; paint-order: stroke; stroke-linejoin: round; }
/* What is drawn on a photograph has the same colours on a light and on a dark page. */
.read rect { stroke: #12913f; } .read text { fill: #0c7a33; }
.wrong rect, .missed rect, .spurious rect { stroke: #e0231d; }
.wrong text, .missed text, .spurious text { fill: #c41812; }
.missed rect { stroke-dasharray: 5 4; }
.spurious rect { stroke-dasharray: 1.5 3; }
.refused rect { stroke: #ea7a00; } .refused text { fill: #b45300; }
.dropped rect { stroke: #7d8896; stroke-width: 1.2; } .dropped text { fill: #58626f; font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; font-size: .85rem; color: var(--muted); padding: 0;
  margin: 0 0 1.2rem; list-style: none; }
.swatch { width: 1.1rem; height: .8rem; vertical-align: -.05rem; margin-right: .35rem; overflow: visible; }
.crops { display: grid; grid-template-columns: repeat(auto-fill, minmax(4.9rem, 1fr)); gap: .7rem .6rem;
  margin-top: .7rem; }
.bars { display: block; width: 100%; height: auto; margin-top: .3rem; overflow: visible; }
.bars path { fill: var(--muted); } .bars .best { fill: var(--blue); } .bars text, #classes { fill: var(--muted);
  font-size: 1.25px; text-anchor: middle; }
.miss .bars .best { fill: var(--red); } .no .bars .best { fill: var(--orange); }
.no figcaption b { color: var(--orange); white-space: normal; }
.no .picture { border-color: var(--orange); }
footer { color: var(--muted); font-size: .85rem; padding: .4rem 0 2.5rem; }
@media (max-width: 34rem) {
  section { padding: 1rem; border-radius: 12px; }
  .tiles { grid-template-columns: 1fr 1fr; gap: .6rem; }
  .tile { padding: .7rem .8rem; }
  .tile b { font-size: 1.3rem; }
  dl { grid-template-columns: 1fr; }
  dd { padding-bottom: .4rem; }
  .heat { font-size: .66rem; letter-spacing: -.02em; }
  .heat td { height: 1.9rem; border-width: 1px; }
  .samples td { padding: 1px; }
  .group { gap: .35rem; }
  figcaption { font-size: .72rem; }
  .mistakes { grid-template-columns: repeat(auto-fill, minmax(5.4rem, 1fr)); }
}
@media print { section, .tile, details { break-inside: avoid; } }
"""
