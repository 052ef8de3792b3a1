import { createGraphiQLFetcher, isAsyncIterable } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';

// GraphiQL reads the parts of `@defer` and `@stream` in this form.
const ACCEPT = 'multipart/mixed;incrementalSpec=v0.2, application/json';
const READABLE = /^(application\/([\w.-]+\+)?json|multipart\/mixed)\b/i;

/**
 * Return GraphiQL's fetcher, whose errors are sentences.
 *
 * What browsers and graphql-ws raise is for programs: GraphiQL would show `{"isTrusted": true}`, or a stack.
 */
export function createFetcher({ endpoint, subscriptionEndpoint }) {
  return async (parameters, options) => {
    const fetcher = createGraphiQLFetcher({
      url: endpoint,
      headers: { accept: ACCEPT },
      fetch: fetchResponse,
      wsClient: subscriptionEndpoint
        ? createSocketClient(webSocketUrl(subscriptionEndpoint), options?.headers)
        : undefined,
    });
    const result = await fetcher(parameters, options);
    return isAsyncIterable(result) ? explainErrors(result) : result;
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
function createSocketClient(url, headers) {
  const client = createClient({ url, connectionParams: headers, shouldRetry: () => false });
  return {
    subscribe: (parameters, sink) =>
      client.subscribe(parameters, {
        ...sink,
        error: (error) => sink.error(explainSocketError(error, url)),
      }),
  };
}

function explainSocketError(error, url) {
  if (error instanceof CloseEvent) {
    // 1006 is what browsers say when no message told them why.
    if (error.code === 1006) return { message: `The connection to ${url} was lost.` };
    const reason = error.reason || 'without a reason';
    return { message: `The gateway closed the WebSocket: ${reason} (code ${error.code}).` };
  }
  if (error instanceof Event) {
    return {
      message:
        `The WebSocket to ${url} could not be opened. Either the gateway is not running, or it refused: it takes ` +
        'no more than GATEWAY_MAX_STREAMS of them, and none from pages of origins that it does not know. Behind ' +
        'a proxy, list the address of this page in GATEWAY_CORS_ORIGINS, and let the proxy pass WebSockets on.',
    };
  }
  return error;
}

/** Return the same results; an error of the network becomes a sentence. */
function explainErrors(results) {
  const iterator = results[Symbol.asyncIterator]();
  // No generator: its `return` would wait for the next result, and a stopped subscription has none.
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () =>
      iterator.next().catch((error) => {
        if (!(error instanceof TypeError)) throw error;
        throw { message: 'The connection to the gateway was lost before the response was complete.' };
      }),
    return: () => iterator.return?.() ?? Promise.resolve({ done: true, value: undefined }),
  };
}

/** Return the absolute WebSocket address: older browsers refuse a relative one. */
function webSocketUrl(path) {
  const url = new URL(path, window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
