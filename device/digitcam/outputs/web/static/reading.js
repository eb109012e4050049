// The stable reading, as large as it fits.
const place = document.getElementById("reading");
const sureness = document.getElementById("sureness");

export function showReading({ text, digits, time }) {
  if (text) {
    fit(place, text);
    const least = Math.floor(100 * Math.min(...digits.map((digit) => digit.confidence)));
    const noun = digits.some(({ label }) => label) ? "sign" : "digit";
    sureness.textContent = `${digits.length} ${noun}${digits.length === 1 ? "" : "s"} · least sure ${least} % · since ${clock(time)}`;
  } else {
    const nothing = document.createElement("span");
    nothing.className = "nothing";
    nothing.textContent = "Nothing read";
    place.replaceChildren(nothing);
    sureness.textContent = `since ${clock(time)}`;
  }
}

export function fit(element, text) {
  const lines = text.split("\n");
  element.style.setProperty("--chars", Math.max(2, ...lines.map((line) => line.length)));
  element.style.setProperty("--lines", lines.length);
  if (element.textContent !== text) element.textContent = text;
}

function clock(time) {
  return new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}
