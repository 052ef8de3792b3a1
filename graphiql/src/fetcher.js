import { createGraphiQLFetcher, isAsyncIterable } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';

import { withToken } from './token.js';

// GraphiQL reads the parts of `@defer` and `@stream` in this form.
const ACCEPT = 'multipart/mixed;incrementalSpec=v0.2, application/json';
const READABLE = /^(application\/([\w.-]+\+)?json|multipart\/mixed)\b/i;

// How the gateway closes the WebSocket of a caller whose token is missing, wrong or expired.
const FORBIDDEN = 4403;

/**
 * Return GraphiQL's fetcher, which sends the token and whose errors are sentences.
 *
 * What browsers and graphql-ws raise is for programs: GraphiQL would show `{"isTrusted": true}`, or a stack.
 * `onAnswer` gets the error that says that the gateway does not know the caller, `undefined` where it does.
 */
export function createFetcher({ endpoint, subscriptionEndpoint }, token, onAnswer) {
  const check = (answer) => onAnswer(findUnauthenticated(answer));
  return async (parameters, options) => {
    const headers = withToken(options?.headers, token);
    const fetcher = createGraphiQLFetcher({
      url: endpoint,
      headers: { accept: ACCEPT },
      fetch: fetchResponse,
      wsClient: subscriptionEndpoint
        ? createSocketClient(webSocketUrl(subscriptionEndpoint), headers, check)
        : undefined,
    });
    const result = await fetcher(parameters, { ...options, headers });
    if (isAsyncIterable(result)) return watch(result, check);
    check(result);
    // This one comes whole. GraphiQL would ask again where a result has no data.
    if (result.errors && !result.data) throw result.errors;
    return result;
  };
}

/** Send a request over HTTP. Throws what GraphiQL shows as an error: an object with a `message`. */
async function fetchResponse(url, init) {
  const address = new URL(url, window.location.href).href;
  // A wrong header fails here, with a message of the browser's that names it.
  const request = new Request(address, init);
  const response = await fetch(request).catch(() => {
    throw { message: `The gateway does not answer at ${address}. Is it running, and is the network up?` };
  });
  const type = response.headers.get('content-type') ?? '';
  if (READABLE.test(type)) return response;
  throw {
    message:
      `${address} answers with status ${response.status} and ${type || 'no content type'}, where the ` +
      'gateway answers with JSON. Something in between, such as a proxy, may have answered.',
  };
}

/** Return a client that connects for one subscription, and does not try again when that fails. */
function createSocketClient(url, headers, check) {
  const on = { connected: () => check([]) };
  const client = createClient({ url, connectionParams: headers, shouldRetry: () => false, on });
  return {
    subscribe: (parameters, sink) =>
      client.subscribe(parameters, {
        ...sink,
        // As a result: of an error GraphiQL's toolkit also makes a rejection that nobody handles.
        error: (error) => {
          sink.next({ errors: [explainSocketError(error, url)].flat() });
          sink.complete();
        },
      }),
  };
}

function explainSocketError(error, url) {
  if (error instanceof CloseEvent) {
    // 1006 is what browsers say when no message told them why.
    if (error.code === 1006) return { message: `The connection to ${url} was lost.` };
    const reason = error.reason || 'without a reason';
    if (error.code === FORBIDDEN) return { message: reason, extensions: { code: 'UNAUTHENTICATED' } };
    return { message: `The gateway closed the WebSocket: ${reason} (code ${error.code}).` };
  }
  if (error instanceof Event) {
    return {
      message:
        `The WebSocket to ${url} could not be opened. Either the gateway is not running, or it refused: it takes ` +
        'no more than GATEWAY_MAX_STREAMS of them, none with a cookie whose token has expired, and none from pages ' +
        'of origins that it does not know. Behind a proxy, list the address of this page in GATEWAY_CORS_ORIGINS, ' +
        'and let the proxy pass WebSockets on.',
    };
  }
  return error instanceof Error ? { message: error.message } : error;
}

/** Return the same results, each of which is checked; an error of the network becomes a sentence. */
function watch(results, check) {
  const iterator = results[Symbol.asyncIterator]();
  // No generator: its `return` would wait for the next result, and a stopped subscription has none.
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () =>
      iterator.next().then(
        (step) => {
          if (!step.done) check(step.value);
          return step;
        },
        (error) => {
          if (!(error instanceof TypeError)) throw error;
          throw { message: 'The connection to the gateway was lost before the response was complete.' };
        },
      ),
    return: () => iterator.return?.() ?? Promise.resolve({ done: true, value: undefined }),
  };
}

/** Return the error, of a result or of several parts of one, that says that the caller is not known. */
function findUnauthenticated(answer) {
  return [answer]
    .flat()
    .flatMap((part) => part?.errors ?? [])
    .find((error) => error?.extensions?.code === 'UNAUTHENTICATED');
}

/** Return the absolute WebSocket address: older browsers refuse a relative one. */
function webSocketUrl(path) {
  const url = new URL(path, window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
