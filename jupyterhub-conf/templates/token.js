// Creates and revokes the user's tokens.
(() => {
  const { baseUrl, user, xsrf } = document.body.dataset;
  const call = (method, path, body) =>
    fetch(`${baseUrl}api/users/${encodeURIComponent(user)}/tokens${path}?_xsrf=${encodeURIComponent(xsrf)}`, {
      method,
      headers: { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
  const fail = () => { document.getElementById("token-failure").hidden = false; };
  document.getElementById("request-token-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await call("POST", "", {
      note: document.getElementById("token-note").value,
      expires_in: Number(document.getElementById("token-expiration-seconds").value),
    }).catch(() => null);
    if (!answer || !answer.ok) return fail();
    document.getElementById("token-result").textContent = (await answer.json()).token;
    document.getElementById("token-area").hidden = false;
  });
  for (const button of document.querySelectorAll(".revoke")) {
    button.addEventListener("click", async () => {
      const row = button.closest("tr");
      button.disabled = true;
      const answer = await call("DELETE", `/${row.dataset.tokenId}`).catch(() => null);
      if (answer && answer.ok) row.remove();
      else { button.disabled = false; fail(); }
    });
  }
})();
