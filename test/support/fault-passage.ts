import type { Socket } from 'node:net';
import { messageSplitter, statementOf } from './pg-messages.js';

/**
 * What becomes of a statement on its way.
 * 'answer lost': the server has done it; the connection is reset before the answer comes through.
 * 'cut after sending': it goes out, and both ends are closed at once; whether the server does it is the server's affair.
 * 'request lost': the connection is reset, the server never hears of it.
 * 'swallowed': the server has done it; the connection stays open, and silent.
 * 'late': the connection is reset; the server gets the statement only when somebody says so.
 */
export type Fault = 'answer lost' | 'cut after sending' | 'request lost' | 'swallowed' | 'late';

export interface Rule {
  statement: RegExp;
  fault: Fault;
  /** Statements that are still to meet it. */
  left: number;
  meet(deliver?: () => Promise<void>): void;
}

/** Messages that end what a client says: it says nothing more before it has its answer. */
const ENDS_REQUEST = new Set(['', 'p', 'Q', 'S', 'X']);
const READY = 'Z';

/** One client's way to the server, request by request. */
export class Passage {
  #silent = false;
  /** Its client is gone, its request is not. */
  #kept = false;
  #answered: () => void = () => {};

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    ruleFor: (statement: string) => Rule | undefined,
  ) {
    for (const socket of [client, server]) socket.setNoDelay().on('error', () => {});
    client.on('close', () => this.#kept || server.destroy());
    server.on('close', () => {
      client.destroy();
      this.#answered();
    });
    this.#carryRequests(ruleFor);
    this.#carryAnswers();
  }

  #carryRequests(ruleFor: (statement: string) => Rule | undefined): void {
    const split = messageSplitter({ untypedFirst: true });
    let request: Buffer[] = [];
    let statement = '';
    this.client.on('data', (chunk: Buffer) => {
      for (const message of split(chunk)) {
        request.push(message.bytes);
        statement += statementOf(message) ?? '';
        if (!ENDS_REQUEST.has(message.type)) continue;
        const bytes = Buffer.concat(request);
        const rule = statement === '' ? undefined : ruleFor(statement);
        [request, statement] = [[], ''];
        if (rule) void this.#spoil(rule, bytes);
        else this.server.write(bytes);
      }
    });
  }

  #carryAnswers(): void {
    const split = messageSplitter({ untypedFirst: false });
    this.server.on('data', (chunk: Buffer) => {
      if (!this.#silent) this.client.write(chunk);
      if (split(chunk).some(({ type }) => type === READY)) this.#answered();
    });
  }

  async #spoil({ fault, meet }: Rule, request: Buffer): Promise<void> {
    this.#silent = true;
    if (fault === 'answer lost' || fault === 'swallowed') await this.#done(request);
    if (fault === 'cut after sending') this.server.write(request, () => this.server.destroy());
    if (fault === 'late') this.#kept = true;
    if (fault !== 'swallowed') this.client.resetAndDestroy();
    if (fault !== 'late') return meet();
    meet(async () => {
      await this.#done(request);
      this.server.destroy();
    });
  }

  /** Resolves when the server has answered, or is gone. */
  #done(request: Buffer): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answered = resolve;
    this.server.write(request);
    return promise;
  }
}
