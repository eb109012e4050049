// Boxes of a reading over its picture, in the picture's own pixels.
const SVG = "http://www.w3.org/2000/svg";

export function boxes(svg, { size: [width, height], digits, rejected }) {
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const unit = Math.max(width, height) / 640;
  svg.replaceChildren(
    ...rejected.map((reject) => rect("box unsure", reject.box, 3 * unit)),
    ...digits.flatMap((digit) => [rect("box", digit.box, 4 * unit), ...tag(digit, unit)]),
  );
}

function rect(className, [x, y, width, height], rx) {
  return element("rect", { class: className, x, y, width, height, rx });
}

// The label in a small plate on its box's upper edge, within the picture.
function tag({ digit, label = String(digit), box: [x, y, w] }, unit) {
  const side = 20 * unit;
  const wide = Math.max(side, 0.55 * side * (label.length + 0.8));
  const middle = x + w / 2;
  const top = Math.max(0, y - side * 0.8);
  const text = element("text", { class: "tag", x: middle, y: top + side * 0.78, "font-size": side * 0.8 });
  text.textContent = label;
  return [rect("tag-back", [middle - wide / 2, top, wide, side], 5 * unit), text];
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
