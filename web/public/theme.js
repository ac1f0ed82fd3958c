// Sets the theme before the first paint, so that nothing flashes. A file of its own: the CSP allows no inline script.
(function () {
  var kept;
  try {
    kept = localStorage.getItem('wl.theme');
  } catch {
    kept = null; // storage may be forbidden; the system's theme is a good answer
  }
  var dark = kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
