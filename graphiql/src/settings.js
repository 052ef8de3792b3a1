// Below this width, in pixels, page.css puts the editors above the response.
const NARROW = 768;

/** Return the configuration that Python wrote into the page. */
export function readConfig() {
  return JSON.parse(document.getElementById('graphiql-config').textContent);
}

/**
 * Return GraphiQL's properties that stay the same for as long as the page is open.
 *
 * An operation that the page's URL shares is the first tab of a first visit; later it is a further tab,
 * unless there is one like it.
 */
export function settings(examples, shared, storage) {
  const tabs = shared ? [shared, ...examples] : examples;
  if (tabs.length > 0) openFirstTab(storage, tabs[0]);
  return {
    storage,
    initialQuery: shared?.query,
    initialVariables: shared?.variables,
    defaultTabs: tabs.length > 0 ? tabs : undefined,
    defaultEditorToolsVisibility: window.innerWidth >= NARROW,
    isHeadersEditorEnabled: true,
    // Headers may be credentials. This hides the setting, too.
    shouldPersistHeaders: false,
  };
}

/**
 * Put the first tab's contents where GraphiQL looks for them on a first visit.
 *
 * It fills the editors from its storage, never from the default tabs, so the first tab would open
 * without its variables. Its `initialVariables` would do that too, and add a tab on every later visit.
 */
function openFirstTab(storage, { query, variables }) {
  if (storage.getItem('graphiql:tabState')) return;
  storage.setItem('graphiql:query', query);
  storage.setItem('graphiql:variables', variables);
}
