// The operations of the OpenAPI document, for people.
const place = document.getElementById("operations");
const about = document.getElementById("about");

function node(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

function example(path, method, operation) {
  const address = location.origin + path;
  const body = Object.keys(operation.requestBody?.content ?? {});
  if (body.includes("application/json")) return `curl --json '{"min_confidence": 0.7}' ${address}`;
  if (body.length) return `curl --data-binary @page.jpg ${address}`;
  return method === "post" ? `curl -X POST ${address}` : `curl ${address}`;
}

function show(path, method, operation) {
  const answers = Object.entries(operation.responses).flatMap(([status, answer]) => [
    node("dt", "", status),
    node("dd", "", [answer.description, Object.keys(answer.content ?? {})[0]].filter(Boolean).join(" · ")),
  ]);
  return node(
    "section",
    "card operation",
    node("h2", "", node("span", "method", method.toUpperCase()), path),
    node("p", "", operation.summary + "."),
    ...(operation.description ? [node("p", "muted", operation.description)] : []),
    node("pre", "", example(path, method, operation)),
    node("dl", "", ...answers),
  );
}

try {
  const answer = await fetch("/api/openapi.json");
  const { info, paths } = await answer.json();
  about.textContent = `${info.description} Version ${info.version}.`;
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) place.append(show(path, method, operation));
  }
} catch {
  about.textContent = "The document cannot be loaded. Is digitcam still running?";
}
