// graphql-ws: every operation over one WebSocket.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import {
  CHANGES, DEFERRED, LINKS, WRONG_FIELD, run, print, variables, webSocketUrl,
} from './common.mjs';

const client = createClient({ url: webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });

/** Tell of every result, or of the errors that an `error` message brings. */
async function printResults(query) {
  try {
    for await (const result of client.iterate({ query, variables })) print(result);
  } catch (errors) {
    if (!Array.isArray(errors)) throw errors;
    print({ refused: errors });
  }
}

await run({
  links: () => printResults(LINKS),
  wrongField: () => printResults(WRONG_FIELD),
  defer: () => printResults(DEFERRED),
  changes: () => printResults(CHANGES),
  // Two operations at once, the subscription longer than the query.
  together: async () => {
    const changes = printResults(CHANGES);
    await printResults(LINKS);
    await changes;
  },
  // The client leaves after the first event; the same connection goes on serving.
  left: async () => {
    const lazy = createClient({
      url: webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0, lazy: false, onNonLazyError: print,
    });
    for await (const result of lazy.iterate({ query: CHANGES, variables })) {
      print(result);
      break;
    }
    for await (const result of lazy.iterate({ query: LINKS, variables })) print(result);
  },
});
