// What every script here does alike: where the gateway is, what is asked of it, how answers are told.
import { exit } from 'node:process';

const [, , address, which, given] = process.argv;

export const url = address;
export const webSocketUrl = address.replace(/^http/, 'ws');
export const variables = given ? JSON.parse(given) : {};

/** Print one line of JSON. */
export function say(value) {
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
export function noting(sent) {
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
export const LINKS = `
  query Links($name: String!) {
    processingJob(name: $name) {
      id
      processingJobName
      processingJobStatus
      trainingJob { id trainingJobName trainingJobStatus }
      monitoringSchedule { id monitoringScheduleName }
    }
  }
`;
export const WRONG_NAME = `
  query WrongName($name: String!) { processingJob(name: $name) { id } }
`;
export const WRONG_FIELD = `
  query WrongField { processingJob(name: "a") { id nothingOfThatName } }
`;
export const DEFERRED = `
  query Deferred($name: String!) {
    processingJob(name: $name) {
      id
      ... @defer { processingJobStatus trainingJob { id trainingJobName } }
    }
  }
`;
export const CHANGES = `
  subscription Changes($name: String!) {
    processingJob(name: $name) { id processingJobName processingJobStatus }
  }
`;
