import { Inject } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import type { TestApp } from '../../support/app.js';
import type { Broker } from '../../support/brokers/brokers.js';
import type { Input, Kind, TurnedAwayBy } from './input.js';
import type { Stage } from './stage.js';

/** Who calls, as far as it decides what a call comes to: see answers.ts. */
export type Family = 'caller' | 'broker' | 'emitter' | 'timer' | 'queue';

/** A source of calls, as Nest and its packages know them, with a way to call it from outside. */
export interface Source {
  name: string;
  needs?: Broker;
  family: Family;
  /** Somebody is told what the handler returns or throws. */
  answers: boolean;
  /** What can keep an input from the handler; nothing where Nest runs neither guards nor pipes. */
  turnsAway: readonly TurnedAwayBy[];
  /** Nest makes instances per request, where a class asks for it. */
  perRequest?: boolean;
  /** An app with a handler of each of the stage's kinds. */
  start(stage: Stage): Promise<StartedSource>;
}

export interface StartedSource {
  app: TestApp;
  /** Sends one input on its way; rejects only when that fails. */
  send(input: Input): Promise<Reply>;
  /** Ends what stands outside the app: clients, queues. */
  cleanUp?(): Promise<void>;
}

/** What came of it for the one who has sent it. Empty: nobody is told. */
export interface Reply {
  answer?: unknown;
  error?: unknown;
  /** What its broker, or queue, makes of the message: it is done with it, or will bring it again. */
  message?: 'done' | 'again';
}

/** The class that Nest is given. */
// biome-ignore lint/suspicious/noExplicitAny: a class that is extended must have such a constructor
export function registered<T extends new (...args: any[]) => object>(host: T, { inherited, perRequest }: Kind): T {
  if (!inherited && !perRequest) return host;
  const Registered = class extends host {};
  if (perRequest) Inject(REQUEST)(Registered.prototype, 'request');
  return Registered;
}
