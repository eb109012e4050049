// What the loop says of itself, among the parts of the service's health.
export function loopState({ reading }) {
  const text = reading?.text ?? "";
  const threshold = /min_confidence is ([\d.]+)/.exec(text)?.[1];
  return { isPaused: text.startsWith("paused"), threshold: threshold === undefined ? null : Number(threshold) };
}
