// Handlers that answer a request from outside.
import { describeSources } from './describe-source.js';
import { graphql } from './sources/graphql.js';
import { routes } from './sources/http.js';
import { sockets } from './sources/sockets.js';

describeSources([...routes, ...graphql, sockets]);
