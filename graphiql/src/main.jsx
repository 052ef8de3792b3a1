import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';

import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';

import { readConfig, settings } from './settings.js';

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL {...settings(readConfig())}>
    <GraphiQL.Logo>SageMaker gateway</GraphiQL.Logo>
  </GraphiQL>,
);
