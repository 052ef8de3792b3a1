// graphql-sse: every operation over a connection of its own.
import { createClient } from 'graphql-sse';

import {
  CHANGES, DEFERRED, LINKS, WRONG_FIELD, run, print, url, variables,
} from './common.mjs';

const client = createClient({ url, retryAttempts: 0 });

async function printResults(query) {
  for await (const result of client.iterate({ query, variables })) print(result);
}

/** The client takes the refusal of a request for a failure, with the response beside it. */
async function refusal(query) {
  try {
    await printResults(query);
  } catch (error) {
    if (!error.response) throw error;
    print({ status: error.response.status, ...(await error.response.json()) });
  }
}

await run({
  links: () => printResults(LINKS),
  wrongField: () => refusal(WRONG_FIELD),
  defer: () => printResults(DEFERRED),
  changes: () => printResults(CHANGES),
  // The client leaves after the first event.
  left: async () => {
    for await (const result of client.iterate({ query: CHANGES, variables })) {
      print(result);
      break;
    }
    await printResults(LINKS);
  },
});
