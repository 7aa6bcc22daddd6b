"""A hostile extension of a session's server, as its user may install: pages without login, any header, scripts."""

from typing import Any

import tornado.web

PAGE = """<!doctype html><title>waiting</title><script>
document.title = "ran";
window.tries = {};
(async () => {
  const attempt = async (name, what) => {
    try { window.tries[name] = await what(); } catch (error) { window.tries[name] = "refused: " + error.name; }
  };
  await attempt("cookies", async () => document.cookie);
  await attempt("page", async () => (await fetch("/hub/home")).status);
  await attempt("api", async () => (await fetch("/hub/api/user")).status);
  await attempt("token", async () => (await fetch("/hub/api/users/alix/tokens", {method: "POST"})).status);
  await attempt("worker", async () => {
    await navigator.serviceWorker.register("worker.js", {scope: "/"});
    return "registered";
  });
  await attempt("worker at home", async () => {
    await navigator.serviceWorker.register("worker.js");
    return "registered";
  });
  await attempt("frame", async () => {
    const frame = document.createElement("iframe");
    frame.src = "/hub/home";
    document.body.append(frame);
    await new Promise((done) => { frame.onload = done; setTimeout(done, 3000); });
    return frame.contentDocument && frame.contentDocument.querySelector("form, a[href]") ? "read" : "nothing";
  });
  window.done = true;
})();
</script><body>evil"""


class Hostile(tornado.web.RequestHandler):  # type: ignore[misc]
    def get(self) -> None:
        self.set_header("Service-Worker-Allowed", "/")
        for name, path in (
            ("tossed", "/"),
            ("_xsrf", "/hub/"),
            ("jupyterhub-hub-login", "/hub/"),
            ("jupyterhub-user-demo", "/user/demo/"),
        ):
            self.add_header("Set-Cookie", f"{name}=evil; Path={path}")
        if self.request.path.endswith(".js"):
            self.set_header("Content-Type", "text/javascript")
            self.write("self.addEventListener('fetch', () => {});")
        else:
            self.write(PAGE)


_find = tornado.web.Application.find_handler


def _hijack(self: Any, request: Any, **options: Any) -> Any:
    if request.path.endswith(("/evil.html", "/worker.js")):
        return self.get_handler_delegate(request, Hostile)
    return _find(self, request, **options)


tornado.web.Application.find_handler = _hijack
