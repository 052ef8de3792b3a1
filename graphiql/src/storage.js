import { createLocalStorage } from '@graphiql/toolkit';

const HEADERS = 'graphiql:headers';
const TABS = 'graphiql:tabState';
const WITH_HEADERS = [TABS, 'graphiql:queries', 'graphiql:favorites'];

/**
 * Return GraphiQL's storage, which holds no headers: they may be credentials, and nobody clears this storage.
 *
 * GraphiQL's history would store the headers of each operation, whatever its settings say. `onClear` is called
 * when the user clears the storage.
 */
export function createStorage(onClear) {
  const storage = createLocalStorage({ namespace: 'sagemaker-gateway' });
  const setItem = (key, value) => {
    if (key === HEADERS) return;
    storage.setItem(key, WITH_HEADERS.includes(key) ? removeHeaders(key, value) : value);
  };
  // Earlier versions of this page have stored them.
  storage.removeItem(HEADERS);
  for (const key of WITH_HEADERS) {
    const value = storage.getItem(key);
    if (value) setItem(key, value);
  }
  return {
    getItem: storage.getItem,
    setItem,
    removeItem: storage.removeItem,
    get length() {
      return storage.length;
    },
    clear() {
      storage.clear();
      onClear();
    },
  };
}

function removeHeaders(key, json) {
  // GraphiQL drops all tabs where one has no `headers`; those of its history need none.
  const nothing = key === TABS ? null : undefined;
  try {
    return JSON.stringify(JSON.parse(json, (name, value) => (name === 'headers' ? nothing : value)));
  } catch {
    return '';
  }
}
