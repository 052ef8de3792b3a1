// urql: over POST and GET, with persisted queries, `@defer` and subscriptions over two transports.
import { createHash } from 'node:crypto';

import { persistedExchange } from '@urql/exchange-persisted';
import { createClient as createSocket } from 'graphql-ws';
import { createClient, fetchExchange, subscriptionExchange } from 'urql';
import WebSocket from 'ws';

import {
  CHANGES, DEFERRED, LINKS, WRONG_FIELD, recordingFetch, run, print, url, variables, webSocketUrl,
} from './common.mjs';

const sent = [];

function clientOf(...exchanges) {
  return createClient({ url, fetch: recordingFetch(sent), exchanges, preferGetMethod: false });
}

function persisted(options) {
  const generateHash = async (text) => createHash('sha256').update(text).digest('hex');
  return clientOf(persistedExchange({ generateHash, ...options }), fetchExchange);
}

function toJson({ data, error, hasNext }) {
  const errors = (error?.graphQLErrors ?? []).map(({ message, path, extensions }) => (
    { message, path, extensions }
  ));
  const failure = error?.networkError ? String(error.networkError) : null;
  return { data: data ?? null, errors, failure, hasNext };
}

async function ask(client, query, more) {
  return toJson(await client.query(query, variables, more).toPromise());
}

async function twice(client) {
  print({ ...(await ask(client, LINKS)), sent: sent.splice(0) });
  print({ ...(await ask(client, LINKS)), sent: sent.splice(0) });
}

/** Tell of every result until `last` says that one is the last. */
function printResults(source, last) {
  return new Promise((resolve) => {
    source.subscribe((result) => {
      print(toJson(result));
      if (last(result)) resolve();
    });
  });
}

const isFinal = ({ data, error }) => (
  Boolean(error) || data?.processingJob?.processingJobStatus !== 'IN_PROGRESS'
);

await run({
  links: async () => print(await ask(clientOf(fetchExchange), LINKS)),
  linksByGet: async () => {
    const answer = await ask(clientOf(fetchExchange), LINKS, { preferGetMethod: 'force' });
    print({ ...answer, sent });
  },
  wrongField: async () => print(await ask(clientOf(fetchExchange), WRONG_FIELD)),
  persistedPost: () => twice(persisted({ preferGetForPersistedQueries: false })),
  persistedGet: () => twice(persisted({ preferGetForPersistedQueries: 'force' })),
  defer: () => printResults(clientOf(fetchExchange).query(DEFERRED, variables), ({ hasNext }) => !hasNext),
  changesByFetch: () => {
    const client = createClient({ url, exchanges: [fetchExchange], fetchSubscriptions: true });
    return printResults(client.subscription(CHANGES, variables), isFinal);
  },
  changesByWebSocket: () => {
    const socket = createSocket({ url: webSocketUrl, webSocketImpl: WebSocket });
    const forwardSubscription = (request) => ({
      subscribe: (sink) => ({
        unsubscribe: socket.subscribe({ ...request, query: request.query ?? '' }, sink),
      }),
    });
    const client = clientOf(subscriptionExchange({ forwardSubscription }));
    return printResults(client.subscription(CHANGES, variables), isFinal);
  },
});
