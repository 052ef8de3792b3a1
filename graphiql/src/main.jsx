import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';

import { useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';
import { useGraphiQLActions } from '@graphiql/react';

import { createFetcher } from './fetcher.js';
import { ResponseNotices } from './response-notices.jsx';
import { readConfig, settings } from './settings.js';
import { readSharedOperation, removeSharedOperation, ShareButton } from './share.jsx';
import { createStorage } from './storage.js';
import { readToken, rememberToken } from './token.js';
import { TokenBar } from './token-bar.jsx';

const { tabs, takesTokens, ...endpoints } = readConfig();
const shared = readSharedOperation();
if (shared) removeSharedOperation();

function Page() {
  const [session, setSession] = useState(() => ({ token: readToken() }));
  const [answer, setAnswer] = useState();
  const [fixed] = useState(() => settings(tabs, shared, createStorage(() => changeToken(''))));

  // GraphiQL drops the schema that it has, and asks for it anew, when the fetcher is another one.
  const fetcher = useMemo(
    () =>
      createFetcher(endpoints, session.token, (error) =>
        setAnswer({ session, isKnown: !error, message: error?.message }),
      ),
    [session],
  );

  function changeToken(token) {
    rememberToken(token);
    // Another object even for the same token: the gateway may take it now.
    setSession({ token });
  }

  // The token of an earlier session says nothing about the one in use.
  const current = answer?.session === session ? answer : undefined;
  return (
    <>
      {(takesTokens || session.token || current?.isKnown === false) && (
        <TokenBar token={session.token} answer={current} onUse={changeToken} />
      )}
      <GraphiQL {...fixed} fetcher={fetcher}>
        <GraphiQL.Logo>SageMaker gateway</GraphiQL.Logo>
        <GraphiQL.Toolbar>
          {({ prettify, merge, copy }) => (
            <>
              {prettify}
              {merge}
              {copy}
              <ShareButton operationName={shared?.operationName} />
            </>
          )}
        </GraphiQL.Toolbar>
        <GraphiQL.Footer>
          <ResponseNotices />
        </GraphiQL.Footer>
        <StopWithToken session={session} />
      </GraphiQL>
    </>
  );
}

/** Stops what runs with a token when that is no longer the one in use. */
function StopWithToken({ session }) {
  const { stop } = useGraphiQLActions();
  useEffect(() => stop, [session, stop]);
  return null;
}

createRoot(document.getElementById('graphiql')).render(<Page />);
