(() => {
  'use strict';
  // One question to the server for each client and origin, whatever comes: else any page could make browsers flood it.
  const asked = new Map();
  const admits = (client, origin) => {
    const key = client + ' ' + origin;
    if (!asked.has(key) && asked.size < 20) {
      const query = new URLSearchParams({ client_id: client, origin });
      const url = location.pathname.replace(/\/+$/, '') + '/init?' + query;
      asked.set(key, fetch(url).then((answer) => answer.status === 204, () => false));
    }
    return asked.get(key) || false;
  };

  const cookie = (name) => {
    const found = document.cookie.split('; ').find((pair) => pair.startsWith(name + '='));
    return found && found.slice(name.length + 1).replace(/^"|"$/g, '');
  };

  const digest = async (text) => {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-384', new TextEncoder().encode(text)));
    return btoa(String.fromCharCode(...hash)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  };

  const state = async (client, session) => {
    if (document.hasStorageAccess && !(await document.hasStorageAccess())) return 'error';
    const present = cookie('KEYCLOAK_SESSION');
    if (!present) return session ? 'changed' : 'unchanged';
    return session && (await digest(session)) === present ? 'unchanged' : 'changed';
  };

  addEventListener('message', async (event) => {
    if (event.source !== parent || typeof event.data !== 'string') return;
    const [client, session, more] = event.data.split(' ');
    let answer = 'error';
    try {
      if (client && more === undefined && await admits(client, event.origin)) answer = await state(client, session);
    } catch { /* it stays an error */ }
    event.source.postMessage(answer, event.origin);
  });
})();
