// Reloads the page until the session has stopped.
setTimeout(() => window.location.reload(), 4000);
