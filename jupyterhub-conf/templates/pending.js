// Shows the progress of the session's start, then opens the session.
(() => {
  const bar = document.getElementById("progress-bar");
  const message = document.getElementById("progress-message");
  const log = document.getElementById("progress-log");
  // The hub's and the spawner's messages are in English.
  const french = [
    [/^Server requested$/, "Session demandée"],
    [/^Spawning server/, "La session démarre…"],
    [/^Server ready/, "La session est prête"],
    [/^Spawn failed/, "Échec du démarrage"],
  ];
  const translate = (text) => (french.find(([english]) => english.test(text)) || [null, text])[1];
  const source = new EventSource(bar.dataset.url);
  source.onmessage = (event) => {
    const news = JSON.parse(event.data);
    if (news.progress !== undefined) {
      bar.value = news.progress;
      bar.textContent = `${news.progress} %`;
    }
    if (news.message) {
      message.textContent = translate(news.message);
      const line = document.createElement("li");
      line.textContent = message.textContent;
      log.append(line);
    }
    if (news.ready) {
      source.close();
      window.location.reload();
    }
    if (news.failed) {
      source.close();
      document.querySelector("h1").textContent = "La session n’a pas démarré";
      document.getElementById("failure").hidden = false;
      document.getElementById("retry").hidden = false;
      document.getElementById("stop").hidden = true;
      document.getElementById("progress-details").open = true;
    }
  };
})();
