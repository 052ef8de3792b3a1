// GraphQL Yoga, with whole responses kept by its own plugin.
import { createServer } from 'node:http';
import { createInMemoryCache, useResponseCache } from '@graphql-yoga/plugin-response-cache';
import { createSchema, createYoga } from 'graphql-yoga';
import { listen, resolvers, typeDefs } from './schema.mjs';

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  plugins: [
    useResponseCache({
      session: () => null,
      ttl: 3_600_000,
      cache: createInMemoryCache({ max: 10_000 }),
    }),
  ],
  logging: false,
  graphiql: false,
  landingPage: false,
});
createServer(yoga).listen(listen.port, listen.host);
