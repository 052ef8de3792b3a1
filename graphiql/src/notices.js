// What the gateway writes in the place of a secret value, or of a credential inside a text.
const REDACTED = /\[redacted(?::([a-z0-9-]+))?\]/g;
const MOST_PATHS = 3;

/** A pattern, as text, of what is worth a mark in a response. */
export const MARKED = String.raw`\[redacted(?::[a-z0-9-]+)?\]|\bUNAUTHORIZED_FIELD_OR_TYPE\b`;

/**
 * Return what the reader of a response has to know about it: notices with a `kind` and a `text`.
 *
 * `response` is the JSON in the editor. Text that is no JSON, as between two responses, has no notices.
 */
export function describeResponse(response) {
  const { errors = [], ...rest } = parse(response) ?? {};
  return [
    describeRedacted(rest, errors),
    describeRefused(errors),
    ...errors.map((error) => EXPLANATIONS[error?.extensions?.code]?.(error)),
  ].filter(Boolean);
}

/** Return the notice about a schema that the gateway did not send, `undefined` for another error of its own. */
export function describeMissingSchema(fetchError) {
  const error = parse(fetchError)?.errors?.[0];
  switch (error?.extensions?.code) {
    case 'UNAUTHENTICATED':
      // The field for the token says it.
      return { kind: 'schema' };
    case 'INTROSPECTION_DISABLED':
      return {
        kind: 'schema',
        text:
          'There is no documentation and no completion: the schema needs the scope introspection, unless nobody ' +
          'may see it. Operations run all the same.',
      };
    case 'RATE_LIMITED':
      return { kind: 'limited', text: `The schema is missing. ${explainRateLimit(error)}` };
    default:
      return undefined;
  }
}

const EXPLANATIONS = {
  RATE_LIMITED: (error) => ({ kind: 'limited', text: explainRateLimit(error) }),
  FORBIDDEN: (error) => ({ kind: 'refused', text: `The gateway refused the request. ${error.message}` }),
  INTROSPECTION_DISABLED: () => ({
    kind: 'refused',
    text: 'The operation asks for the schema, which needs the scope introspection, unless nobody may see it.',
  }),
};

function explainRateLimit(error) {
  const milliseconds = error.extensions.retryAfterMs;
  const seconds = Math.ceil(milliseconds / 1000);
  const when = milliseconds > 0 ? `in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}` : 'later';
  return `This caller has used up what it may ask for at the moment: try again ${when}.`;
}

function describeRedacted(data, errors) {
  const kinds = new Set();
  let count = 0;
  for (const text of textsIn([data, errors.map((error) => error?.message)])) {
    const found = [...text.matchAll(REDACTED)];
    count += found.length > 0 ? 1 : 0;
    for (const [, kind] of found) if (kind) kinds.add(kind);
  }
  if (count === 0) return undefined;
  const what = kinds.size > 0 ? ` (${[...kinds].sort().join(', ')})` : '';
  return {
    kind: 'redacted',
    text: `${count === 1 ? '1 value is' : `${count} values are`} redacted${what}: secrets need the scope read:secrets.`,
  };
}

function describeRefused(errors) {
  const refused = errors.filter((error) => error?.extensions?.code === 'UNAUTHORIZED_FIELD_OR_TYPE');
  if (refused.length === 0) return undefined;
  const reasons = [...new Set(refused.map((error) => error.message))].join(' ');
  const fields = refused.filter((error) => error.path);
  // A setting of the gateway's refuses operations whole.
  if (fields.length === 0) return { kind: 'refused', text: `The operation is refused. ${reasons}` };
  const paths = [...new Set(fields.map((error) => error.path.filter((key) => typeof key === 'string').join('.')))];
  const more = paths.length - MOST_PATHS;
  const names = paths.slice(0, MOST_PATHS).join(', ') + (more > 0 ? ` and ${more} more` : '');
  const count = fields.length === 1 ? '1 field is' : `${fields.length} fields are`;
  return { kind: 'refused', text: `${count} refused: ${names}. ${reasons}` };
}

function* textsIn(value) {
  const left = [value];
  while (left.length > 0) {
    const each = left.pop();
    if (typeof each === 'string') yield each;
    else if (typeof each === 'object' && each !== null) for (const child of Object.values(each)) left.push(child);
  }
}

function parse(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
