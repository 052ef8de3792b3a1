// Browsers share storage among all pages of a host: below another path there may be another gateway.
const KEY = `sagemaker-gateway:token:${window.location.pathname}`;

/** Return the token of this browser tab, '' where there is none. */
export function readToken() {
  return withStorage((storage) => storage.getItem(KEY)) ?? '';
}

/** Remember a token until the browser tab is closed; '' forgets it. */
export function rememberToken(token) {
  withStorage((storage) => (token ? storage.setItem(KEY, token) : storage.removeItem(KEY)));
}

/** Return what was pasted as the token alone: without spaces, and without the name of its scheme. */
export function cleanToken(text) {
  return text.trim().replace(/^(authorization:\s*)?bearer\s+/i, '');
}

/** Return headers with the token; `Authorization` in the editor of headers counts before it. */
export function withToken(headers, token) {
  const hasOwn = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'authorization');
  return token && !hasOwn ? { ...headers, Authorization: `Bearer ${token}` } : headers;
}

function withStorage(use) {
  try {
    return use(window.sessionStorage);
  } catch {
    // The browser allows this page no storage: the token lasts until the page is left.
    return undefined;
  }
}
