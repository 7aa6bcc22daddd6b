// Without this script the server refuses a profile that is not open to the project; with it, none can be chosen.
"use strict";
(() => {
  const projects = document.querySelectorAll("input[name=project]");
  const profiles = Array.from(document.querySelectorAll("input[name=profile]"));
  const settle = () => {
    const project = document.querySelector("input[name=project]:checked");
    if (!project) return;
    for (const profile of profiles) {
      profile.disabled = !profile.dataset.projects.split(" ").includes(project.value);
    }
    if (!profiles.some((profile) => profile.checked && !profile.disabled)) {
      const first = profiles.find((profile) => !profile.disabled);
      if (first) first.checked = true;
    }
  };
  projects.forEach((project) => project.addEventListener("change", settle));
  settle();
})();
