(() => {
  'use strict';
  const path = location.pathname.replace(/protocol\/.*$/, '');
  document.cookie = 'KEYCLOAK_3P_COOKIE=supported; path=' + path;
  document.cookie = 'KEYCLOAK_3P_COOKIE_SAMESITE=supported; path=' + path + '; SameSite=None; Secure';
  location.replace('step2.html');
})();
