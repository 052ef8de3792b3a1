import { useEffect, useRef, useState } from 'react';
import { ToolbarButton, useGraphiQL, useGraphiQLActions } from '@graphiql/react';

/**
 * Return the operation in the page's URL, `undefined` where there is none.
 *
 * The parameters are those of a GraphQL request by GET: `query`, `variables`, `operationName`.
 */
export function readSharedOperation() {
  const parameters = new URLSearchParams(window.location.search);
  const query = parameters.get('query');
  if (!query) return undefined;
  return {
    query,
    variables: indent(parameters.get('variables') ?? ''),
    operationName: parameters.get('operationName') || undefined,
  };
}

/** Remove the operation from the URL, so that a reload finds the tabs as they were left. */
export function removeSharedOperation() {
  window.history.replaceState(null, '', window.location.pathname);
}

/** The button that copies a link to the operation in the editor, and selects that of the page's own link. */
export function ShareButton({ operationName }) {
  const [isCopied, setIsCopied] = useState(false);
  const state = useGraphiQL((store) => store);
  useSelectedOperation(operationName, state.operations);

  async function share() {
    const url = linkTo(state);
    // The link is in the address bar too: over plain HTTP browsers offer no clipboard.
    window.history.replaceState(null, '', url);
    await navigator.clipboard?.writeText(url).catch(() => {});
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), 2000);
  }

  return (
    <ToolbarButton onClick={share} label={isCopied ? 'Link copied' : 'Copy link'}>
      <svg className="graphiql-toolbar-icon" viewBox="0 0 16 16" fill="none" stroke="currentColor">
        <path
          strokeWidth="1.5"
          strokeLinecap="round"
          d="M6.5 9.5l3-3M7 4.5l1.3-1.3a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5l-1.3 1.3a3.2 3.2 0 0 1-4.5-4.5L4.5 7"
        />
      </svg>
    </ToolbarButton>
  );
}

/** Select an operation of the first document by its name, as soon as the editor knows it. */
function useSelectedOperation(name, operations) {
  const { setOperationName } = useGraphiQLActions();
  const isDone = useRef(!name);
  useEffect(() => {
    if (isDone.current || !operations?.some((operation) => operation.name?.value === name)) return;
    isDone.current = true;
    setOperationName(name);
  }, [name, operations, setOperationName]);
}

function linkTo({ queryEditor, variableEditor, operationName }) {
  const url = new URL(window.location.pathname, window.location.href);
  url.searchParams.set('query', queryEditor?.getValue() ?? '');
  const variables = variableEditor?.getValue().trim();
  if (variables) url.searchParams.set('variables', variables);
  if (operationName) url.searchParams.set('operationName', operationName);
  return url.href;
}

function indent(variables) {
  try {
    return JSON.stringify(JSON.parse(variables), null, 2);
  } catch {
    return variables;
  }
}
