// The stable reading, as large as it fits.
const place = document.getElementById("reading");
const sureness = document.getElementById("sureness");

export function showReading({ text, digits, time }) {
  if (text) {
    fit(place, text);
    const least = Math.floor(100 * Math.min(...digits.map((digit) => digit.confidence)));
    sureness.textContent = `${digits.length === 1 ? "1 digit" : `${digits.length} digits`} · least sure ${least} % · since ${clock(time)}`;
  } else {
    const nothing = document.createElement("span");
    nothing.className = "nothing";
    nothing.textContent = "No digits";
    place.replaceChildren(nothing);
    sureness.textContent = `since ${clock(time)}`;
  }
}

export function fit(element, text) {
  const longest = Math.max(...text.split("\n").map((line) => line.length));
  element.style.setProperty("--chars", Math.max(longest, 2));
  if (element.textContent !== text) element.textContent = text;
}

function clock(time) {
  return new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}
