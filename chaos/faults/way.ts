import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Passage, type Trouble } from './passage.js';

/** One process's way to the server, by a port of its own: what befalls it befalls all of the process's connections. */
export interface Way extends AsyncDisposable {
  /** The same database, by this way. */
  url: string;
  /** Answers how to end it. The latest trouble is the one that holds. */
  trouble(trouble: Trouble): () => void;
  reset(): void;
}

export async function openWay(databaseUrl: string): Promise<Way> {
  const target = new URL(databaseUrl);
  const passages = new Set<Passage>();
  let current: Trouble | undefined;
  const server = createServer((client: Socket) => {
    const passage = new Passage(client, connect(Number(target.port), target.hostname), () => current);
    passages.add(passage);
    void passage.closed.then(() => passages.delete(passage));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const reset = () => {
    for (const passage of passages) passage.reset();
  };
  return {
    url: Object.assign(new URL(databaseUrl), { host: `127.0.0.1:${port}` }).href,
    reset,
    trouble(trouble) {
      current = trouble;
      return () => {
        if (current === trouble) current = undefined;
        for (const passage of passages) passage.heal();
      };
    },
    [Symbol.asyncDispose]: async () => {
      reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
