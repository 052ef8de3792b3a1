// Apollo Client: over POST, with automatic persisted queries, batches, `@defer` and a subscription.
import { createHash } from 'node:crypto';

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental';
import { BatchHttpLink } from '@apollo/client/link/batch-http';
import { createPersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient as createSocket } from 'graphql-ws';
import WebSocket from 'ws';

import {
  CHANGES, DEFERRED, LINKS, WRONG_FIELD, recordingFetch, run, print, url, variables, webSocketUrl,
} from './common.mjs';

const sent = [];

function clientOf(link, incrementalHandler) {
  return new ApolloClient({ link, cache: new InMemoryCache(), incrementalHandler });
}

function http(options) {
  return new HttpLink({ uri: url, fetch: recordingFetch(sent), ...options });
}

function persisted(options) {
  const sha256 = (text) => createHash('sha256').update(text).digest('hex');
  return createPersistedQueryLink({ sha256, ...options }).concat(http());
}

async function ask(client, query, more) {
  const { data, error } = await client.query({
    query: gql(query), variables, errorPolicy: 'all', fetchPolicy: 'no-cache', ...more,
  });
  const errors = CombinedGraphQLErrors.is(error) ? error.errors : [];
  // An error that is not GraphQL's own is one of the transport: no answer at all.
  const failure = error && !errors.length ? String(error) : null;
  return { data: data ?? null, errors, failure };
}

async function twice(client) {
  print({ ...(await ask(client, LINKS)), sent: sent.splice(0) });
  print({ ...(await ask(client, LINKS)), sent: sent.splice(0) });
}

/** Tell of every result that an observable brings. */
function printResults(observable) {
  return new Promise((resolve, reject) => {
    observable.subscribe({
      next: ({ data, error }) => print({ data: data ?? null, error: error ? String(error) : null }),
      error: reject,
      complete: resolve,
    });
  });
}

async function deferred(incrementalHandler) {
  const client = clientOf(http(), incrementalHandler);
  const query = client.watchQuery({ query: gql(DEFERRED), variables, errorPolicy: 'all' });
  await new Promise((resolve, reject) => {
    query.subscribe({
      next: ({ data, dataState, error, loading }) => {
        print({ data: data ?? null, dataState, error: error ? String(error) : null, sent });
        if (error || (!loading && dataState === 'complete')) resolve();
      },
      error: reject,
    });
  });
}

await run({
  links: async () => print(await ask(clientOf(http()), LINKS)),
  wrongField: async () => print(await ask(clientOf(http()), WRONG_FIELD)),
  persistedPost: () => twice(clientOf(persisted())),
  persistedGet: () => twice(clientOf(persisted({ useGETForHashedQueries: true }))),
  batch: async () => {
    const client = clientOf(new BatchHttpLink({ uri: url, fetch: recordingFetch(sent), batchInterval: 20 }));
    const answers = [ask(client, LINKS), ask(client, LINKS, { variables: { name: '-' } })];
    print({ answers: await Promise.all(answers), sent });
  },
  deferByPath: () => deferred(new Defer20220824Handler()),
  deferById: () => deferred(new GraphQL17Alpha9Handler()),
  changesByMultipart: () => printResults(clientOf(http()).subscribe({ query: gql(CHANGES), variables })),
  changesByWebSocket: () => {
    const socket = createSocket({ url: webSocketUrl, webSocketImpl: WebSocket });
    const link = ApolloLink.from([new GraphQLWsLink(socket)]);
    return printResults(clientOf(link).subscribe({ query: gql(CHANGES), variables }));
  },
});
