import { AsyncLocalStorage } from 'node:async_hooks';
import type { Input, TurnedAwayBy } from './input.js';
import { inputAmong } from './input-among.js';
import { type Method, replaced } from './replaced.js';
import { wordsOf } from './words.js';

/** How a handler's call ended for its source, before the source makes anything of it. */
export type CallEnd = { returned: unknown } | { threw: string } | { turnedAway: TurnedAwayBy };

type Expected = { input: Input; end: PromiseWithResolvers<CallEnd> };

/** The calls of the handlers of one app: each is expected, then made by its source, and tells how it ended. */
export class Calls {
  readonly #expected: Expected[] = [];
  /** Of every decorated method: by what the class knows it, and what it calls itself. */
  readonly names: { key: string; name: string }[] = [];
  /** On what the calls of each kind were made. */
  readonly hosts = new Map<string, Set<unknown>>();
  readonly #current = new AsyncLocalStorage<Input>();

  expect(input: Input): Promise<CallEnd> {
    const end = Promise.withResolvers<CallEnd>();
    this.#expected.push({ input, end });
    return end.promise;
  }

  turnAway(input: Input, by: TurnedAwayBy): void {
    this.#take(input)?.end.resolve({ turnedAway: by });
  }

  /** For handlers that are called with nothing: the id of what is wanted, as `slot()` would give one. */
  readonly currentId = (): string => this.#current.getStore()?.id ?? '';

  /** For handlers whose jobs keep data: the id and the data of what is wanted. */
  readonly currentJob = (): { id: string; data: unknown } => ({
    id: this.currentId(),
    data: { amount: this.#current.getStore()?.amount },
  });

  /**
   * Stands above all other decorators of a handler, as a user's own might: whatever Nest calls, it sees. What nobody has asked for, as the tick of a
   * timer or a message that came again, runs nothing.
   */
  noted(kind: string, inputOf: (args: unknown[]) => Input | undefined = inputAmong): MethodDecorator {
    return (_target, key, descriptor: PropertyDescriptor) => {
      const handle: Method = descriptor.value;
      this.names.push({ key: String(key), name: handle.name });
      const calls = this;
      descriptor.value = replaced(handle, async function (...args) {
        const expected = calls.#take(inputOf(args) ?? { kind });
        if (!expected) return undefined;
        calls.hosts.set(kind, (calls.hosts.get(kind) ?? new Set()).add(this));
        try {
          const returned = await calls.#current.run(expected.input, () => handle.apply(this, args));
          expected.end.resolve({ returned });
          return returned;
        } catch (error) {
          expected.end.resolve({ threw: wordsOf(error) });
          throw error;
        }
      });
    };
  }

  #take({ kind, id }: { kind: string; id?: string }): Expected | undefined {
    const at = this.#expected.findIndex(({ input }) => input.kind === kind && (id === undefined || input.id === id));
    return at === -1 ? undefined : this.#expected.splice(at, 1)[0];
  }
}
