// What the client scripts share: the command line, documents and output.
import { readFileSync } from 'node:fs';
import { exit } from 'node:process';

const [, , address, which, given] = process.argv;

export const url = address;
export const webSocketUrl = address.replace(/^http/, 'ws');
export const variables = given ? JSON.parse(given) : {};

/** Print one line of JSON. */
export function print(value) {
  console.log(JSON.stringify(value));
}

/** Run the function that the command line names, then end, whatever a client still keeps open. */
export async function run(functions) {
  try {
    await functions[which]();
  } catch (error) {
    console.error(error);
    exit(1);
  }
  // Written out before the end: standard output is a pipe.
  process.stdout.write('', () => exit(0));
}

/** A `fetch` that notes in `sent` what it sends and the status and media type that come back. */
export function recordingFetch(sent) {
  return async (input, options = {}) => {
    const response = await fetch(input, options);
    const target = new URL(input);
    sent.push({
      method: options.method ?? 'GET',
      hasQuery: target.searchParams.has('query') || String(options.body ?? '').includes('"query":'),
      status: response.status,
      type: response.headers.get('content-type'),
      cacheControl: response.headers.get('cache-control'),
    });
    return response;
  };
}

/** The operations that every client sends. */
function operation(name) {
  return readFileSync(new URL(`operations/${name}.graphql`, import.meta.url), 'utf8');
}

export const LINKS = operation('links');
export const WRONG_FIELD = operation('wrong_field');
export const DEFERRED = operation('deferred');
export const CHANGES = operation('changes');
