// graphql-sse: every operation over a connection of its own.
import { createClient } from 'graphql-sse';

import {
  CHANGES, DEFERRED, LINKS, WRONG_FIELD, run, say, url, variables,
} from './common.mjs';

const client = createClient({ url, retryAttempts: 0 });

async function tell(query) {
  for await (const result of client.iterate({ query, variables })) say(result);
}

/** The client takes the refusal of a request for a failure, with the response beside it. */
async function refusal(query) {
  try {
    await tell(query);
  } catch (error) {
    if (!error.response) throw error;
    say({ status: error.response.status, ...(await error.response.json()) });
  }
}

await run({
  links: () => tell(LINKS),
  wrongField: () => refusal(WRONG_FIELD),
  defer: () => tell(DEFERRED),
  changes: () => tell(CHANGES),
  // The client leaves after the first event.
  left: async () => {
    for await (const result of client.iterate({ query: CHANGES, variables })) {
      say(result);
      break;
    }
    await tell(LINKS);
  },
});
