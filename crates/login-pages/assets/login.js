// What pages do better with scripts. Password login needs none of it.
(() => {
  'use strict';
  const all = (selector, then) => document.querySelectorAll(selector).forEach(then);
  const cookie = (name) => {
    const found = document.cookie.split('; ').find((pair) => pair.startsWith(name + '='));
    return found && found.slice(name.length + 1).replace(/^"|"$/g, '');
  };

  all('[data-href]', (button) => button.addEventListener('click', () => location.assign(button.dataset.href)));
  all('[data-submit]', (link) => link.addEventListener('click', (event) => {
    event.preventDefault();
    document.getElementById(link.dataset.submit).submit();
  }));
  all('[data-sends]', (tile) => {
    const send = () => tile.closest('form').submit();
    tile.addEventListener('click', send);
    tile.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      send();
    });
  });
  all('#kc-error-credential-form', (form) => form.addEventListener('submit', () => {
    form.querySelectorAll('[data-value]').forEach((field) => { field.value = field.dataset.value; });
  }));
  all('#login-select-toggle', (select) => select.addEventListener('change', () => location.assign(select.value)));

  all('.reveal', (button) => button.addEventListener('click', () => {
    const field = document.getElementById(button.getAttribute('aria-controls'));
    const shown = field.type === 'text';
    field.type = shown ? 'password' : 'text';
    button.classList.toggle('shown', !shown);
    const label = button.getAttribute('aria-label');
    button.setAttribute('aria-label', button.dataset.other);
    button.dataset.other = label;
  }));

  // One press, one request.
  all('form', (form) => form.addEventListener('submit', (event) => {
    if (form.getAttribute('aria-busy') === 'true') event.preventDefault();
    form.setAttribute('aria-busy', 'true');
  }));
  addEventListener('pageshow', () => all('form', (form) => form.removeAttribute('aria-busy')));

  // A choice of tiles: clicks, and arrow keys as radio buttons have them.
  all('[data-chooses]', (group) => {
    const field = document.getElementById(group.dataset.chooses);
    const tiles = [...group.querySelectorAll('[role=radio]')];
    const choose = (chosen) => {
      tiles.forEach((tile) => {
        tile.setAttribute('aria-checked', String(tile === chosen));
        tile.tabIndex = tile === chosen ? 0 : -1;
      });
      chosen.focus();
      field.value = chosen.dataset.value;
    };
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, ' ': 0 };
    tiles.forEach((tile, at) => {
      tile.addEventListener('click', () => choose(tile));
      tile.addEventListener('keydown', (event) => {
        if (!(event.key in step)) return;
        event.preventDefault();
        choose(tiles[(at + step[event.key] + tiles.length) % tiles.length]);
      });
    });
  });

  all('[data-copy]', (button) => button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).innerText);
    button.textContent = button.dataset.done || button.textContent;
  }));
  all('[data-print]', (button) => button.addEventListener('click', () => print()));
  all('[data-download]', (button) => button.addEventListener('click', () => {
    const text = `${button.dataset.head || ''}\n\n${document.getElementById(button.dataset.from).innerText}`;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text + '\n'], { type: 'text/plain' }));
    link.download = button.dataset.download;
    link.click();
    URL.revokeObjectURL(link.href);
  }));
  all('[data-enables]', (box) => {
    const button = document.getElementById(box.dataset.enables);
    button.disabled = !box.checked;
    box.addEventListener('change', () => { button.disabled = !box.checked; });
  });

  // Front-channel logout: on, once every application was told; a silent one is not waited for.
  const frames = [...document.querySelectorAll('iframe.hidden')];
  const onwards = document.getElementById('continue');
  if (frames.length && onwards) {
    let waiting = frames.length;
    const go = () => location.replace(onwards.href);
    frames.forEach((frame) => frame.addEventListener('load', () => { waiting -= 1; if (!waiting) go(); }));
    setTimeout(go, 4000);
  }

  // The login of this page may end, or be replaced, in another tab.
  const session = document.getElementById('session');
  const told = (name) => {
    const found = session && session.textContent.match(name + '\\(("[^"]*")\\)');
    return found && JSON.parse(found[1]);
  };
  const [hash, restart] = [told('checkAuthSession'), told('startSessionPolling')];
  if (hash) {
    setTimeout(() => {
      const now = cookie('KC_AUTH_SESSION_HASH');
      if (now && now !== hash) location.reload();
    }, 1000);
  }
  if (restart && !cookie('KEYCLOAK_SESSION')) {
    let timer = setInterval(() => {
      if (!cookie('KEYCLOAK_SESSION')) return;
      clearInterval(timer);
      location.assign(restart);
    }, 2000);
    addEventListener('submit', () => clearInterval(timer));
  }
})();
