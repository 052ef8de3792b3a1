import { createGraphiQLFetcher, createLocalStorage } from '@graphiql/toolkit';

/** Return the configuration that Python wrote into the page. */
export function readConfig() {
  return JSON.parse(document.getElementById('graphiql-config').textContent);
}

/**
 * Return GraphiQL's properties for a page's configuration.
 *
 * An operation that the page's URL shares is the first tab of a first visit; later it is a further tab,
 * unless there is one like it.
 */
export function settings({ endpoint, subscriptionEndpoint, tabs: examples }, shared) {
  const storage = createLocalStorage({ namespace: 'sagemaker-gateway' });
  const tabs = shared ? [shared, ...examples] : examples;
  if (tabs.length > 0) openFirstTab(storage, tabs[0]);
  return {
    fetcher: createGraphiQLFetcher({
      url: endpoint,
      subscriptionUrl: subscriptionEndpoint ? webSocketUrl(subscriptionEndpoint) : undefined,
    }),
    storage,
    initialQuery: shared?.query,
    initialVariables: shared?.variables,
    defaultTabs: tabs.length > 0 ? tabs : undefined,
    defaultEditorToolsVisibility: true,
    isHeadersEditorEnabled: true,
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

/** Return the absolute WebSocket address: older browsers refuse a relative one. */
function webSocketUrl(path) {
  const url = new URL(path, window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
