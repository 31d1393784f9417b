// Starts a server that dies with it, says its port, and waits to be killed.
import { startEmbeddedPostgres } from 'embedded-postgres-server';

const server = await startEmbeddedPostgres(process.argv[2] ?? '', { fsync: false, dieWithParent: true });
process.send?.(server.port);
