import path from 'node:path';
import { startEmbeddedPostgres } from 'embedded-postgres-server';

export interface RunningDatabase {
  url: string;
  /** Where it is, for eyes. */
  place: string;
  stop(): Promise<void>;
}

/** A server of one's own, or an embedded one whose data stays in `folder`. One that a killed process left running is used again. */
export async function startDatabase(ownUrl: string | undefined, folder: string): Promise<RunningDatabase> {
  if (ownUrl) return { url: ownUrl, place: 'the server of DATABASE_URL', stop: async () => {} };
  const server = await startEmbeddedPostgres(folder);
  const place = `${path.relative('', folder)}, port ${server.port}${server.reused ? ', left running and used again' : ''}`;
  return { url: server.url(), place: `an embedded server (${place})`, stop: () => server.stop() };
}
