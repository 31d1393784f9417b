// Handlers that answer a request from outside.
import { describeSources } from './describe-source.js';
import { graphql } from './each/graphql.js';
import { routes } from './each/http.js';
import { sockets } from './each/sockets.js';

describeSources([...routes, ...graphql, sockets]);
