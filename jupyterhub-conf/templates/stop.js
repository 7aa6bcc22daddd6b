// The button that stops the user's session.
(() => {
  const button = document.getElementById("stop");
  if (!button) return;
  const { baseUrl, user, xsrf } = document.body.dataset;
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = "Arrêt en cours…";
    const url = `${baseUrl}api/users/${encodeURIComponent(user)}/server?_xsrf=${encodeURIComponent(xsrf)}`;
    const answer = await fetch(url, { method: "DELETE" }).catch(() => null);
    if (answer && answer.ok) {
      window.location.assign(`${baseUrl}home`);
    } else {
      button.disabled = false;
      button.textContent = "L’arrêt a échoué : réessayer";
    }
  });
})();
