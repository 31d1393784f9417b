import {
  CONSUMED_POLICY_KEYS,
  DEFAULT_KIND,
  InvalidOptionsError,
  type KindRef,
  kindName,
  kindValue,
  nearest,
  type TrackingPolicy,
} from '../../protocol/index.js';
import { unlikeKeys } from '../tracked/tracked-declaration.js';

export interface DeclaredHandler {
  /** Class and method, as errors name it. */
  name: string;
  kind: KindRef;
  policy: TrackingPolicy;
  unnamed: boolean;
  consumes: boolean;
  /** Its method has both decorators, and is declared twice. */
  isBoth: boolean;
  isRoute: boolean;
  /** A route that sends its response by its own hand. */
  answersItself: boolean;
  /** An interceptor that hides nothing of stored data, on the way of what the method returns to whoever asks from outside. */
  blindSerializer: string | undefined;
  /** Nest sends what the method returns; else its caller may. */
  isAnswered: boolean;
}

/** The mistakes that stop a start. Throws InvalidOptionsError for the first. */
export function checkHandlers(handlers: readonly DeclaredHandler[], defaults: TrackingPolicy): void {
  for (const handler of handlers) {
    const onDuplicate = handler.policy.onDuplicate ?? defaults.onDuplicate;
    refuseUnansweredDuplicates(handler, onDuplicate);
    refuseShownFields(handler, onDuplicate);
  }
  refuseBoth(handlers);
  refuseTwoConsumers(handlers);
  refuseTwoUnnamed(handlers);
  refuseUnlike(handlers);
  refuseUnknownSteps(handlers);
}

function refuseUnansweredDuplicates(
  { name, isRoute, answersItself }: DeclaredHandler,
  onDuplicate: TrackingPolicy['onDuplicate'],
): void {
  if (isRoute && onDuplicate === 'skip')
    throw new InvalidOptionsError(
      `@Tracked on ${name}: onDuplicate 'skip' would answer a duplicate with nothing on an HTTP route; choose one of 'replay', 'join', 'refuse'`,
    );
  if (answersItself && (onDuplicate === 'replay' || onDuplicate === 'join'))
    throw new InvalidOptionsError(
      `@Tracked on ${name}: onDuplicate '${onDuplicate}' would leave a duplicate without an answer, as the method sends its own response; use @Res({ passthrough: true }) or return the output`,
    );
}

/** Stored data is plain: what is hidden by its class alone would leave the server, from the first call on. */
function refuseShownFields(
  { name, kind, blindSerializer, isAnswered }: DeclaredHandler,
  onDuplicate: TrackingPolicy['onDuplicate'],
): void {
  if (!blindSerializer || kindValue(kind)?.output || (onDuplicate !== 'replay' && onDuplicate !== 'join')) return;
  const does = isAnswered ? 'answers with' : 'gives its caller';
  const typed = isAnswered
    ? ', or say the class of the answer by @SerializeOptions({ type }), { type: Object } for plain data'
    : '';
  throw new InvalidOptionsError(
    `@Tracked on ${name}: onDuplicate '${onDuplicate}' ${does} stored data, of which ${blindSerializer} hides nothing, as it is no instance of a class any more; give the kind an output schema${typed}`,
  );
}

/** The consumer holds the job when it calls the method: tracked once more, it would be locked by its own run until its attempts are used up. */
function refuseBoth(handlers: readonly DeclaredHandler[]): void {
  const both = handlers.find(({ isBoth }) => isBoth);
  if (both)
    throw new InvalidOptionsError(
      `@Consume and @Tracked on ${both.name}: expected one of the two, as a consumed job is tracked already; put the work into a method without either, which both call`,
    );
}

function refuseTwoConsumers(handlers: readonly DeclaredHandler[]): void {
  const firsts = new Map<string, DeclaredHandler>();
  for (const handler of handlers.filter(({ consumes }) => consumes)) {
    const kind = kindName(handler.kind);
    const first = firsts.get(kind);
    if (first)
      throw new InvalidOptionsError(
        `@Consume on ${first.name} and on ${handler.name}: expected one consumer of the kind '${kind}' in an app, as each of its jobs would go to either; give one another kind`,
      );
    firsts.set(kind, handler);
  }
}

function refuseTwoUnnamed(handlers: readonly DeclaredHandler[]): void {
  const [first, second] = handlers.filter(({ unnamed }) => unnamed);
  if (first && second)
    throw new InvalidOptionsError(
      `@Tracked on ${first.name} and on ${second.name}: both without a kind would share the jobs of kind '${DEFAULT_KIND}'; name the kind of one`,
    );
}

function refuseUnlike(handlers: readonly DeclaredHandler[]): void {
  const firsts = new Map<string, DeclaredHandler>();
  for (const handler of handlers) {
    const kind = kindName(handler.kind);
    const first = firsts.get(kind);
    if (first === undefined) firsts.set(kind, handler);
    else {
      const keys = first.consumes || handler.consumes ? CONSUMED_POLICY_KEYS : undefined;
      const [unlike] = unlikeKeys(first.policy, handler.policy, keys);
      if (unlike)
        throw new InvalidOptionsError(
          `${first.name} and ${handler.name} handle the kind '${kind}' by unlike policies (${unlike}); declare the kind once with defineJob and give it to both`,
        );
    }
  }
}

/** A step that is given by name must be somebody's: a slip would wait for ever. A kind's own value is declared by being there. */
function refuseUnknownSteps(handlers: readonly DeclaredHandler[]): void {
  const kinds = handlers.map(({ kind }) => kindName(kind));
  for (const { name, policy } of handlers)
    for (const step of [policy.after ?? []].flat()) {
      if (typeof step !== 'string' || kinds.includes(step)) continue;
      const near = nearest(step, kinds);
      throw new InvalidOptionsError(
        `${name} comes after '${step}', a kind that no handler declares${near ? `; did you mean '${near}'?` : ''}. Give the kind's own value (defineJob) if it is run elsewhere`,
      );
    }
}
