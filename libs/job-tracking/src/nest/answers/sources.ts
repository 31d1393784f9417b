import { type OnDuplicate, outputOf, type RunOutcome } from '../../protocol/index.js';

/** What calls a handler, as far as it decides what a call is answered. */
export interface Source {
  name: 'caller' | 'broker' | 'emitter' | 'timer' | 'queue';
  /** Unless the handler, or the app, says otherwise. */
  onDuplicate?: OnDuplicate;
  /** Runs a failed job before its backoff has passed: somebody asks for it. What redelivers at once would burn its attempts. */
  early: boolean;
  /** A running job is skipped, too: nothing would redeliver the message of a worker that dies. */
  skipsRunning: boolean;
  /** What is final is answered to nobody. */
  unheard: boolean;
  /** Of what is no output, and was not skipped. */
  answer(outcome: Exclude<RunOutcome<unknown>, { status: 'succeeded' }>): unknown;
}

type Unsuccessful = Parameters<Source['answer']>[0];

/** Redelivery cannot mend what is final. */
function thrownUnlessFinal(outcome: Unsuccessful): unknown {
  return outcome.redeliver === false ? undefined : outputOf(outcome);
}

/** By name, as BullMQ itself looks at it: it is no dependency of ours. */
function unrecoverable(cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  return Object.assign(new Error(message, { cause }), { name: 'UnrecoverableError' });
}

/** Somebody waits for the answer: HTTP, messages, GraphQL, sockets, commands, plain calls. */
export const CALLER: Source = { name: 'caller', early: true, skipsRunning: true, unheard: false, answer: outputOf };

/** A message that nobody waits for, from a broker that may redeliver it. */
const BROKER: Source = {
  name: 'broker',
  onDuplicate: 'skip',
  early: false,
  skipsRunning: false,
  unheard: true,
  answer: thrownUnlessFinal,
};

const EMITTER: Source = { ...BROKER, name: 'emitter', skipsRunning: true };

const TIMER: Source = { ...EMITTER, name: 'timer', answer: () => undefined };

/** BullMQ keeps what a processor answers, and calls it again when it throws. */
const QUEUE: Source = {
  name: 'queue',
  onDuplicate: 'replay',
  early: true,
  skipsRunning: false,
  unheard: false,
  answer(outcome) {
    throw outcome.redeliver === false ? unrecoverable(outcome.error) : outcome.error;
  },
};

/** As the packages name their metadata: each is the app's own affair, and none is loaded here. */
const HANDLER_TYPE = 'microservices:handler_type';
const EVENT_HANDLER = 2;
const LISTENER = 'EVENT_LISTENER_METADATA';
const SCHEDULER_TYPE = 'SCHEDULER_TYPE';
const PROCESSOR = 'bullmq:processor_metadata';

/** Of handlers that are answered, beside routes. */
const ANSWERED = [
  'microservices:pattern',
  'websockets:message_mapping',
  'graphql:resolver_type',
  'graphql:resolve_property',
];

/** Its answer is sent by Nest, through the interceptors around it. */
export function isAnswered(method: object): boolean {
  return ANSWERED.some((name) => Reflect.hasMetadata(name, method));
}

/** `tracked`: our own wrapper. Decorators that stand above one which replaces it leave their metadata on the method that the host has in the end. */
export function sourceOf(tracked: object, key: string | symbol, host: object): Source {
  const found: unknown = (host as Record<string | symbol, unknown>)[key];
  const methods = typeof found === 'function' && found !== tracked ? [tracked, found] : [tracked];
  const noted = (name: string) =>
    methods.map((method) => Reflect.getMetadata(name, method)).find((value) => value !== undefined);
  if (noted(HANDLER_TYPE) === EVENT_HANDLER) return BROKER;
  if (noted(LISTENER) !== undefined) return EMITTER;
  if (noted(SCHEDULER_TYPE) !== undefined) return TIMER;
  if (key === 'process' && Reflect.hasMetadata(PROCESSOR, host.constructor)) return QUEUE;
  return CALLER;
}
