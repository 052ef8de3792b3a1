// Mercurius, with graphql-jit compiling an operation on its first use.
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { listen, resolvers, typeDefs } from './schema.mjs';

const app = Fastify({ logger: false });
app.register(mercurius, { schema: typeDefs, resolvers, jit: 1, graphiql: false });
await app.listen(listen);
