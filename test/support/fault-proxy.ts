import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Fault, Passage, type Rule } from './fault-passage.js';

export type { Fault };

export interface Spoiling {
  /** How many statements have met the fault so far. */
  readonly met: number;
  /** Resolves when the first one has. */
  readonly reached: Promise<void>;
  /** Hands the server what was kept from it ('late'), and waits for its answer. */
  deliver(): Promise<void>;
}

export interface FaultProxy extends AsyncDisposable {
  /** The same database, by way of the proxy. */
  url: string;
  /** Spoils the next statement that matches, or the next few. */
  spoil(statement: RegExp, fault: Fault, times?: number): Spoiling;
  /** Forgets the faults that no statement has met. */
  heal(): void;
  /** Resets every connection and refuses new ones, until `restore`. */
  cutOff(): void;
  restore(): void;
}

/** Stands between an app and its server, and does to single statements what networks do to some. */
export async function startFaultProxy(databaseUrl: string): Promise<FaultProxy> {
  const target = new URL(databaseUrl);
  const clients = new Set<Socket>();
  let rules: Rule[] = [];
  const ruleFor = (statement: string) => {
    const rule = rules.find(({ left, statement: wanted }) => left > 0 && wanted.test(statement));
    if (rule) rule.left--;
    return rule;
  };
  let away = false;
  const server = createServer((client) => {
    if (away) return client.resetAndDestroy();
    clients.add(client.once('close', () => clients.delete(client)));
    new Passage(client, connect(Number(target.port), target.hostname), ruleFor);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cutOff = () => {
    away = true;
    for (const client of clients) client.resetAndDestroy();
  };
  return {
    url: Object.assign(new URL(databaseUrl), { host: `127.0.0.1:${port}` }).href,
    cutOff,
    restore: () => {
      away = false;
    },
    heal: () => {
      rules = [];
    },
    spoil: (statement, fault, times = 1) => {
      const spoiling = new Spoiled();
      rules.push({ statement, fault, left: times, meet: (deliver) => spoiling.meet(deliver) });
      return spoiling;
    },
    [Symbol.asyncDispose]: async () => {
      cutOff();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Spoiled implements Spoiling {
  met = 0;
  readonly reached: Promise<void>;
  readonly #reach: () => void;
  readonly #kept: (() => Promise<void>)[] = [];

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    [this.reached, this.#reach] = [promise, resolve];
  }

  meet(deliver?: () => Promise<void>): void {
    this.met++;
    if (deliver) this.#kept.push(deliver);
    this.#reach();
  }

  async deliver(): Promise<void> {
    for (const deliver of this.#kept.splice(0)) await deliver();
  }
}
