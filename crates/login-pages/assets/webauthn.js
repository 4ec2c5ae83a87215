// Security keys and passkeys: the browser's answer is put into the hidden fields of a form, and posted.
(() => {
  'use strict';
  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(plain, (c) => c.charCodeAt(0));
  };
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const said = (value) => (value && value !== 'not specified' ? value : undefined);
  const words = (value) => (value || '').split(' ').filter(Boolean);
  const send = (form, fields) => {
    Object.entries(fields).forEach(([name, value]) => { form.querySelector(`[name="${name}"]`).value = value; });
    form.submit();
  };
  const key = (id) => ({ type: 'public-key', id: bytes(id) });
  const timeout = (form) => (Number(form.dataset.timeout) ? Number(form.dataset.timeout) * 1000 : undefined);

  let asking;
  const ask = async (form, mediation) => {
    if (!window.PublicKeyCredential) return send(form, { error: form.dataset.unsupported });
    if (asking) asking.abort();
    asking = new AbortController();
    const known = [...document.querySelectorAll('[name="authn_use_chk"]')].map((field) => key(field.value));
    const publicKey = {
      challenge: bytes(form.dataset.challenge),
      rpId: form.dataset.rpId || undefined,
      timeout: timeout(form),
      userVerification: said(form.dataset.userVerification),
      allowCredentials: known.length ? known : undefined,
    };
    try {
      const { response, id } = await navigator.credentials.get({ publicKey, mediation, signal: asking.signal });
      send(form, {
        clientDataJSON: text(response.clientDataJSON),
        authenticatorData: text(response.authenticatorData),
        signature: text(response.signature),
        credentialId: id,
        userHandle: response.userHandle ? text(response.userHandle) : '',
      });
    } catch (error) {
      if (!mediation) send(form, { error: String(error) });
    }
  };

  const make = async (form) => {
    const told = form.dataset;
    if (!window.PublicKeyCredential) return send(form, { error: told.unsupported });
    const resident = { Yes: 'required', No: 'discouraged' }[told.residentKey];
    const publicKey = {
      challenge: bytes(told.challenge),
      rp: { name: told.rpName, id: told.rpId || undefined },
      user: { id: bytes(told.userId), name: told.username, displayName: told.username },
      pubKeyCredParams: words(told.algorithms).map((alg) => ({ type: 'public-key', alg: Number(alg) })),
      attestation: said(told.attestation),
      timeout: timeout(form),
      excludeCredentials: words(told.excluded).map(key),
      authenticatorSelection: {
        authenticatorAttachment: said(told.attachment),
        residentKey: resident,
        requireResidentKey: resident === 'required',
        userVerification: said(told.userVerification),
      },
    };
    try {
      const made = await navigator.credentials.create({ publicKey });
      const { response, id } = made;
      send(form, {
        clientDataJSON: text(response.clientDataJSON),
        attestationObject: text(response.attestationObject),
        publicKeyCredentialId: id,
        authenticatorAttachment: made.authenticatorAttachment || '',
        transports: response.getTransports ? response.getTransports().join(',') : '',
        authenticatorLabel: prompt(told.prompt, told.label) || told.label,
      });
    } catch (error) {
      send(form, { error: String(error) });
    }
  };

  const login = document.querySelector('[data-web-authn="get"]');
  if (login) {
    const button = document.getElementById('authenticateWebAuthnButton');
    if (button) button.addEventListener('click', (event) => { event.preventDefault(); ask(login); });
    const offered = window.PublicKeyCredential && PublicKeyCredential.isConditionalMediationAvailable;
    if ('conditional' in login.dataset && offered) {
      PublicKeyCredential.isConditionalMediationAvailable().then((can) => can && ask(login, 'conditional'));
    }
  }
  const set = document.querySelector('[data-web-authn="create"]');
  const button = document.getElementById('registerWebAuthn');
  if (set && button) button.addEventListener('click', () => make(set));
})();
