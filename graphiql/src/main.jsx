import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';

import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';

import { readConfig, settings } from './settings.js';
import { readSharedOperation, removeSharedOperation, ShareButton } from './share.jsx';

const shared = readSharedOperation();
if (shared) removeSharedOperation();

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL {...settings(readConfig(), shared)}>
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
  </GraphiQL>,
);
