import type { Socket } from 'node:net';

/** What is wrong with a way to the server for a time. `by`: milliseconds. */
export type Trouble = { kind: 'delay' | 'late'; by: number } | { kind: 'hole' | 'hold' | 'cut answers' };

/** Bytes on their way, or that there are no more (null), and when they arrive, on the monotonic clock. */
interface Freight {
  bytes: Buffer | null;
  due: number;
}

/** One connection's way through trouble. What has been sent arrives in its order or not at all, as TCP has it. */
export class Passage {
  readonly closed: Promise<void>;
  readonly #there: Lane;
  readonly #back: Lane;
  /** A hole has taken something: what follows would be read for something else. */
  #broken = false;
  #over = false;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly trouble: () => Trouble | undefined,
  ) {
    this.#there = new Lane(server);
    this.#back = new Lane(client);
    for (const socket of [client, server]) socket.setNoDelay().on('error', () => {});
    client.on('data', (bytes: Buffer) => this.#toServer(bytes));
    server.on('data', (bytes: Buffer) => this.#toClient(bytes));
    client.on('close', () => this.#over || this.#toServer(null));
    server.on('close', () => this.#over || this.#toClient(null));
    this.closed = new Promise((resolve) => {
      let open = 2;
      const end = () => --open === 0 && resolve();
      client.once('close', end);
      server.once('close', end);
    });
  }

  reset(): void {
    this.#over = true;
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }

  /** A trouble has ended: another may still hold. */
  heal(): void {
    const trouble = this.trouble();
    if (this.#broken && trouble?.kind !== 'hole') this.reset();
    else if (trouble?.kind !== 'hold') for (const lane of [this.#there, this.#back]) lane.release();
  }

  #toServer(bytes: Buffer | null): void {
    const trouble = this.trouble();
    if (this.#broken || trouble?.kind === 'hole') this.#broken = true;
    else if (trouble?.kind === 'late' && bytes !== null) this.#leaveBehind(bytes, trouble.by);
    else this.#there.send(bytes, arrival(trouble));
  }

  #toClient(bytes: Buffer | null): void {
    const trouble = this.trouble();
    if (this.#over) return;
    if (this.#broken || trouble?.kind === 'hole') this.#broken = true;
    else if (trouble?.kind === 'cut answers' && bytes !== null) this.#leaveBehind(null, 0);
    else this.#back.send(bytes, arrival(trouble));
  }

  /** The client's end breaks at once; the server hears what it was sent, and only then that nobody listens. */
  #leaveBehind(bytes: Buffer | null, by: number): void {
    this.#over = true;
    this.client.resetAndDestroy();
    this.server.resume();
    setTimeout(() => {
      if (bytes !== null) this.server.write(bytes);
      this.server.end();
    }, by);
  }
}

function arrival(trouble: Trouble | undefined): number {
  if (trouble?.kind === 'hold') return Number.POSITIVE_INFINITY;
  return performance.now() + (trouble?.kind === 'delay' ? trouble.by : 0);
}

/** One direction. */
class Lane {
  readonly #queue: Freight[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly to: Socket) {}

  send(bytes: Buffer | null, due: number): void {
    this.#queue.push({ bytes, due });
    this.#deliver();
  }

  release(): void {
    for (const freight of this.#queue) if (freight.due === Number.POSITIVE_INFINITY) freight.due = 0;
    this.#deliver();
  }

  #deliver(): void {
    clearTimeout(this.#timer);
    for (let [first] = this.#queue; first !== undefined; [first] = this.#queue) {
      const wait = first.due - performance.now();
      if (wait > 0) {
        if (Number.isFinite(wait)) this.#timer = setTimeout(() => this.#deliver(), wait);
        return;
      }
      this.#queue.shift();
      if (first.bytes === null) this.to.end();
      else this.to.write(first.bytes);
    }
  }
}
