import { createServer } from 'node:net';

const TRIES = 100;
/** What `localhost` may mean to whoever asks for it. */
const LOCALHOST = ['127.0.0.1', '::1'];

/** `wanted`, or the next one that nobody has taken. Asked of the system and not of Nest, which logs an error for one that is taken. */
export async function nextFreePort(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + TRIES && port < 2 ** 16; port++) {
    const free = await Promise.all(LOCALHOST.map((host) => isFree(port, host)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`no port from ${wanted} on is free`);
}

/** A machine without IPv6 has nobody there who could hold it. */
const NOBODY_THERE = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else if (NOBODY_THERE.includes(error.code ?? '')) resolve(true);
      else reject(error);
    });
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
