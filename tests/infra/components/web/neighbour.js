// Attacks of a hostile page on the hub (HUB) and on another session (THEIRS), from its own host, or from its own path if
// all share a host.
window.tries = {};
(async () => {
  const attempt = async (name, what) => {
    let told;
    try {
      told = await Promise.race([what(), new Promise((ok) => setTimeout(() => ok("no answer"), 4000))]);
    } catch (error) {
      told = `refused: ${error.name}`;
    }
    window.tries[name] = String(told);
    const row = document.createElement("tr");
    for (const text of [name, window.tries[name]]) {
      const cell = document.createElement("td");
      cell.textContent = text;
      row.append(cell);
    }
    document.querySelector("table").append(row);
  };
  const fetched = async (url, options) => {
    const answer = await fetch(url, { credentials: "include", ...options });
    const text = await answer.text();
    return answer.type === "opaque" ? "opaque" : `${answer.status}: ${text.slice(0, 60)}`;
  };
  const framed = async (url) => {
    const frame = document.createElement("iframe");
    const loaded = new Promise((ok) => { frame.onload = ok; });
    frame.src = url;
    document.body.append(frame);
    await Promise.race([loaded, new Promise((ok) => setTimeout(ok, 3000))]);
    const inside = frame.contentDocument;
    return inside && inside.body && inside.body.textContent ? `read: ${inside.body.textContent.trim().slice(0, 40)}` : "nothing";
  };
  const element = (tag, fields) => new Promise((ok) => {
    const made = Object.assign(document.createElement(tag), fields);
    made.onload = () => ok("loaded");
    made.onerror = () => ok("refused");
    document.body.append(made);
  });
  const opened = async (url) => {
    const other = window.open(url, "victim");
    if (!other) return "no window";
    await new Promise((ok) => setTimeout(ok, 2500));
    if (other.closed) return "out of reach";
    return `read: ${other.document.body.textContent.trim().slice(0, 40)}`;
  };
  await attempt("cookies there", async () => document.cookie);
  await attempt("stored there", async () => localStorage.getItem("theirs"));
  await attempt("databases there", async () => (await indexedDB.databases()).map((one) => one.name).join());
  await attempt("caches there", async () => (await caches.keys()).join());
  await attempt("workers there", async () => (await navigator.serviceWorker.getRegistrations()).length);
  await attempt("worker for theirs", async () => {
    await navigator.serviceWorker.register(`${MINE}/worker.js`, { scope: `${THEIRS}/` });
    return "registered";
  });
  await attempt("worker of theirs", async () => {
    await navigator.serviceWorker.register(`${THEIRS}/worker.js`);
    return "registered";
  });
  await attempt("read a file", () => fetched(`${THEIRS}/secret`));
  await attempt("change a file", () => fetched(`${THEIRS}/changed`, { method: "POST", body: "x", mode: "no-cors" }));
  await attempt("beacon", async () => { navigator.sendBeacon(`${THEIRS}/beacon`, "x"); return "sent"; });
  await attempt("picture", () => element("img", { src: `${THEIRS}/picture` }));
  await attempt("script", () => element("script", { src: `${THEIRS}/script` }));
  await attempt("frame of theirs", () => framed(`${THEIRS}/secret`));
  await attempt("websocket", () => new Promise((ok) => {
    const wire = new WebSocket(`${THEIRS.replace("https", "wss")}/websocket`);
    wire.onopen = () => ok("open");
    wire.onerror = () => ok("refused");
  }));
  await attempt("events", () => new Promise((ok) => {
    const source = new EventSource(`${THEIRS}/events`, { withCredentials: true });
    source.onopen = () => ok("open");
    source.onerror = () => ok("refused");
  }));
  await attempt("shared domain", async () => { document.domain = DOMAIN; return document.domain === location.hostname ? "same" : document.domain; });
  await attempt("hub: who", () => fetched(`${HUB}/hub/api/user`));
  await attempt("hub: page", () => fetched(`${HUB}/hub/home`));
  await attempt("hub: stop", () => fetched(`${HUB}/hub/api/users/demo/server`, { method: "DELETE" }));
  await attempt("hub: stop by form", () => fetched(`${HUB}/hub/api/users/demo/server?_xsrf=${XSRF}`, { method: "POST", mode: "no-cors" }));
  await attempt("hub: start", () => fetched(`${HUB}/hub/spawn?_xsrf=${XSRF}`, { method: "POST", body: new URLSearchParams({ profile: "petite", _xsrf: XSRF }), mode: "no-cors" }));
  await attempt("hub: log in as me", async () => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: `${HUB}/hub/login`, target: "formed" });
    for (const [name, value] of Object.entries({ username: "alix", password: "right", _xsrf: XSRF })) {
      form.append(Object.assign(document.createElement("input"), { name, value }));
    }
    document.body.append(Object.assign(document.createElement("iframe"), { name: "formed" }), form);
    form.submit();
    await new Promise((ok) => setTimeout(ok, 1500));
    return "sent";
  });
  await attempt("hub: frame", () => framed(`${HUB}/hub/home`));
  await attempt("hub: picture", () => element("img", { src: `${HUB}/hub/logout` }));
  await attempt("window of theirs", () => opened(`${THEIRS}/opened.html`));
  await attempt("window of the hub", () => opened(`${HUB}/hub/home`));
  await attempt("opener", async () => (window.opener ? "there" : "none"));
  window.done = true;
})();
