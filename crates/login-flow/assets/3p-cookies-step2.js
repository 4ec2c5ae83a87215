(() => {
  'use strict';
  const path = location.pathname.replace(/protocol\/.*$/, '');
  const names = ['KEYCLOAK_3P_COOKIE', 'KEYCLOAK_3P_COOKIE_SAMESITE'];
  const came = names.some((name) => document.cookie.split('; ').includes(name + '=supported'));
  for (const name of names) {
    const secure = name.endsWith('SAMESITE') ? '; SameSite=None; Secure' : '';
    document.cookie = name + '=; path=' + path + '; max-age=0' + secure;
  }
  const decide = async () => {
    if (!came) return 'unsupported';
    return document.hasStorageAccess && !(await document.hasStorageAccess()) ? 'unsupported' : 'supported';
  };
  decide().catch(() => 'unsupported').then((answer) => parent.postMessage(answer, '*'));
})();
