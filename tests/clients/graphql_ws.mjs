// graphql-ws: every operation over one WebSocket.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import {
  CHANGES, DEFERRED, LINKS, WRONG_FIELD, run, say, variables, webSocketUrl,
} from './common.mjs';

const client = createClient({ url: webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });

/** Tell of every result, or of the errors that an `error` message brings. */
async function tell(query) {
  try {
    for await (const result of client.iterate({ query, variables })) say(result);
  } catch (errors) {
    if (!Array.isArray(errors)) throw errors;
    say({ refused: errors });
  }
}

await run({
  links: () => tell(LINKS),
  wrongField: () => tell(WRONG_FIELD),
  defer: () => tell(DEFERRED),
  changes: () => tell(CHANGES),
  // Two operations at once, the subscription longer than the query.
  together: async () => {
    const changes = tell(CHANGES);
    await tell(LINKS);
    await changes;
  },
  // The client leaves after the first event; the same connection goes on serving.
  left: async () => {
    const lazy = createClient({
      url: webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0, lazy: false, onNonLazyError: say,
    });
    for await (const result of lazy.iterate({ query: CHANGES, variables })) {
      say(result);
      break;
    }
    for await (const result of lazy.iterate({ query: LINKS, variables })) say(result);
  },
});
